import { readFileSync, realpathSync, statSync } from 'node:fs';
import { fileError } from '../backends/node/file-error.ts';
import { replaceFile } from '../backends/node/replace-file.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * Reads a keyring setting from a file, and warns on standard error when others than its owner may read it too.
 *
 * @throws `E_CONFIG` when it cannot be read.
 */
export function readKeyringFile(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
      process.stderr.write(
        '--keyring: others on this machine have a right to the file, and it opens every record; chmod 600\n',
      );
    }
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new TokenkeepError(
        'E_CONFIG',
        '--keyring: there is no such file; tokenkeep keygen --keyring FILE makes one',
      );
    }
    throw new TokenkeepError('E_CONFIG', '--keyring: the file cannot be read; name one that this user may read');
  }
}

/**
 * Puts a keyring setting in the place of another one, in one step, and readable by its owner alone.
 *
 * @param before what the file was read as.
 * @throws `E_CONFLICT` when it has changed since.
 */
export async function replaceKeyringFile(path: string, before: string, after: string): Promise<void> {
  // a link stays one
  const file = realpathSync(path);
  if (readFileSync(file, 'utf8') !== before) {
    throw new TokenkeepError(
      'E_CONFLICT',
      '--keyring: somebody else has just changed the file; look at it, and repeat',
    );
  }
  try {
    await replaceFile(file, new TextEncoder().encode(`${after}\n`));
  } catch (error) {
    throw new TokenkeepError(
      fileError(error).code,
      '--keyring: the file cannot be replaced; give the right to write its folder',
    );
  }
}
