import { equalBytes } from '../core/bytes.ts';
import type { StoredRecord } from '../core/record-backend.ts';
import type { IndexedDbRow } from './indexeddb-row.ts';
import type { IndexedDbRecords } from './indexeddb-schema.ts';

/**
 * Whether another record has the identity that a record is to get. The unique index would refuse it as well, but by ending
 * the transaction.
 *
 * @param current the row that the record replaces.
 */
export async function identityTaken(
  records: IndexedDbRecords<'readwrite'>,
  { partition, id, identity }: StoredRecord,
  current: IndexedDbRow | undefined,
): Promise<boolean> {
  if (current !== undefined && equalBytes(current.identity, identity)) return false;
  const holder = await records.index('identity').getKey([partition, identity]);
  return holder !== undefined && holder[1] !== id;
}
