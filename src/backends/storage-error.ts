import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * What a backend throws in place of its database's error, which is dropped: it can quote statements and values.
 *
 * @param full whether the database said that it has no room left.
 */
export function storageError(full: boolean): TokenkeepError {
  return full
    ? new TokenkeepError(
        'E_QUOTA',
        'the database is full, the record too large or a limit of the plan reached; make room, then try again',
      )
    : new TokenkeepError(
        'E_STORAGE',
        'the database failed or the connection was lost; read again, then repeat the change',
      );
}
