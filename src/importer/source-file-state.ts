import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** No store that the SDKs can work with is larger: they read all of it for every token. */
const maxBytes = 1_073_741_824;

const refused = (what: string): TokenkeepError => new TokenkeepError('E_CONFIG', what);

/**
 * What tells two states of a file apart.
 *
 * @throws `E_CONFIG` when there is no regular file of a plausible size: anything else could be read for ever.
 */
export async function sourceFileState(path: string): Promise<string> {
  const found: BigIntStats = await stat(path, { bigint: true }).catch(cannotRead);
  if (found.isDirectory()) throw refused('this is a folder; name the file in it');
  if (!found.isFile()) throw refused('this is not a regular file; name the file of the store');
  if (found.size > maxBytes) throw refused("the file is larger than any of Zoho's stores; name the file of the store");
  return `${found.ino} ${found.size} ${found.mtimeNs}`;
}

/** Throws what to say in place of an error of `node:fs`, which holds the path. */
export function cannotRead(error: NodeJS.ErrnoException): never {
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    throw refused('this user may not read the file; run the import as the user who runs the application');
  }
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw refused('there is no such file; check the path');
  throw new TokenkeepError('E_STORAGE', 'the file cannot be read; check the disk, then try again');
}
