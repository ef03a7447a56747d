import type { RecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { listRows } from './list-rows.ts';
import type { PlainRow } from './plain-row.ts';
import { rowPlace } from './row-place.ts';
import { rowRecords } from './row-records.ts';

export type { PlainRow as ListRow } from './plain-row.ts';

/** What {@link listBackend} can be told. */
export interface ListBackendOptions {
  /** The clock of the claims, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Keeps records in an array of the caller's, as rows that `JSON.stringify` takes as they are: to persist the store is to
 * persist the array. The tokens in it are sealed.
 *
 * A row that changes is replaced by another object, so that a copy of the array (`[...rows]`) is a snapshot. The caller may
 * take rows out and put them in at any time, also those of another array; of two with one partition and id the first
 * counts, and a deletion takes both. Any number of backends in one process may share an array.
 *
 * Every operation looks at every row: meant for some hundred tokens.
 *
 * @throws `E_CONFIG` when there is no array, or one that cannot be changed.
 */
export function listBackend(rows: PlainRow[], { now = Date.now }: ListBackendOptions = {}): RecordBackend {
  if (!Array.isArray(rows) || !Object.isExtensible(rows)) {
    throw new TokenkeepError('E_CONFIG', 'the rows are no array that can be changed; pass [] for an empty store');
  }
  return rowRecords(rowPlace(listRows(rows)), now);
}
