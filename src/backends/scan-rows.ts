import type { KeyUse, ScanOptions } from '../core/record-backend.ts';
import { hasKeys } from './has-keys.ts';
import type { IndexedDbRow } from './indexeddb-row.ts';
import type { Act } from './indexeddb-transaction.ts';
import { keyTally } from './key-tally.ts';
import { cursorName } from './name-cursor.ts';
import { namedRows } from './named-rows.ts';

/** How many rows one request reads where all are read. */
const atOnce = 500;

/**
 * Up to `limit` rows of all partitions of IndexedDB.
 *
 * @throws `E_INPUT` when the cursor is none.
 */
export function scanRows(
  limit: number,
  { cursor, except }: ScanOptions = {},
): Act<readonly IndexedDbRow[], 'readonly'> {
  const after = cursor === undefined ? undefined : cursorName(cursor);
  return async (records) => {
    const found: IndexedDbRow[] = [];
    for await (const row of namedRows(records, { after, atOnce: Math.min(limit, atOnce) })) {
      if (!hasKeys(row, except)) found.push(row);
      if (found.length === limit) break;
    }
    return found;
  };
}

/** Counts the rows of one partition of IndexedDB, or of all, by their keys. */
export function countKeys(partition?: string): Act<readonly KeyUse[], 'readonly'> {
  return async (records) => {
    const tally = keyTally();
    for await (const { keyId, indexKeyId } of namedRows(records, { partition, atOnce })) tally.add(keyId, indexKeyId);
    return tally.uses();
  };
}
