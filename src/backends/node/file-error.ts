import { TokenkeepError } from '../../core/tokenkeep-error.ts';

/** What a backend throws in place of what the file system threw, which names paths. */
export function fileError(error: unknown): TokenkeepError {
  if (error instanceof TokenkeepError) return error;
  switch ((error as { readonly code?: unknown } | undefined)?.code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new TokenkeepError('E_QUOTA', 'there is no room left for the file; make room, then try again');
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new TokenkeepError(
        'E_STORAGE',
        'the process has no right to the file; give it the right to read and write the file, its lock and its folder',
      );
    case 'ENOENT':
    case 'ENOTDIR':
      return new TokenkeepError('E_CONFIG', 'the folder of the file does not exist; create it, or choose another path');
    case 'EISDIR':
      return foreignFile();
    default:
      return new TokenkeepError('E_STORAGE', 'the file system failed; read again, then repeat the change');
  }
}

/** What stands in the file's place is not the store's. */
export function foreignFile(): TokenkeepError {
  return new TokenkeepError(
    'E_CONFIG',
    'something else is in the place of the file, and was left as it is; choose another path, or restore the store from a backup',
  );
}

/** The file is the store's, and cannot be read. */
export function damagedFile(): TokenkeepError {
  return new TokenkeepError(
    'E_FORMAT',
    'the file is damaged, and was left as it is; restore it from a backup, or move it away to begin anew',
  );
}
