import type { IndexedDbRow } from './indexeddb-row.ts';
import type { IndexedDbRecords } from './indexeddb-schema.ts';
import type { RecordName } from './name-cursor.ts';

/** Which rows {@link namedRows} reads. */
export interface NamedRows {
  /** Default all partitions. */
  readonly partition?: string | undefined;
  /** The row before the first one. */
  readonly after?: RecordName | undefined;
  /** How many are read with one request. */
  readonly atOnce: number;
}

/**
 * The rows of one partition or of all, in the order of IndexedDB's keys. Those are left out that no caller can name: whoever
 * can write the database can use numbers, dates and lists for names.
 */
export async function* namedRows(
  records: IndexedDbRecords<'readonly'>,
  { partition, after, atOnce }: NamedRows,
): AsyncGenerator<IndexedDbRow, void, undefined> {
  // A text is less than bytes, which are less than a list; an array less than one that has its elements and a further one.
  const end = partition === undefined ? [new Uint8Array()] : [partition, []];
  let start = after === undefined ? [partition ?? ''] : [after.partition, after.id];
  for (;;) {
    const rows = await records.getAll(IDBKeyRange.bound(start, end, true, true), atOnce);
    yield* rows.filter((row) => typeof row.id === 'string');
    const last = rows.at(-1);
    if (last === undefined || rows.length < atOnce) return;
    start = [last.partition, last.id];
  }
}
