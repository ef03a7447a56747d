import type { IndexedDbRow } from './indexeddb-row.ts';
import type { Act } from './indexeddb-transaction.ts';

/** Deletes a record of IndexedDB, and returns what was there. */
export function deleteRecord(partition: string, id: string): Act<IndexedDbRow | undefined, 'readwrite'> {
  return async (records, lastWrite) => {
    const current = await records.get([partition, id]);
    if (current !== undefined) lastWrite(records.delete([partition, id]));
    return current;
  };
}
