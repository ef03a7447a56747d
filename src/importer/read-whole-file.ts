import { readFile } from 'node:fs/promises';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { cannotRead, sourceFileState } from './source-file-state.ts';

const attempts = 10;

/**
 * The bytes of a file as they were at one moment: read again while somebody writes to it, because the SDKs empty their file before
 * they fill it anew.
 *
 * @throws `E_CONFIG` when there is no file that can be read, `E_STORAGE` when reading fails, `E_CONFLICT` when it keeps changing.
 */
export async function readWholeFile(path: string): Promise<Buffer> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = await sourceFileState(path);
    const bytes = await readFile(path).catch(cannotRead);
    if (before === (await sourceFileState(path))) return bytes;
  }
  throw new TokenkeepError(
    'E_CONFLICT',
    'the file is being written all the time; stop the application, then try again',
  );
}
