import type { Bytes } from '../core/bytes.ts';
import type { LookupField } from '../core/record-backend.ts';
import type { IndexedDbRow } from './indexeddb-row.ts';
import type { IndexedDbRecords } from './indexeddb-schema.ts';

/** The rows of a partition that have one of the values in this field. Each row once. */
export async function findRows(
  records: IndexedDbRecords<'readonly'>,
  partition: string,
  field: LookupField | 'identity',
  values: readonly Bytes[],
): Promise<readonly IndexedDbRow[]> {
  let find: (value: Bytes) => Promise<readonly IndexedDbRow[] | IndexedDbRow | undefined>;
  if (field === 'identity') {
    const index = records.index('identity');
    // One at most, as the index is unique; and browsers read one row faster than a list of one.
    find = (value) => index.get([partition, value]);
  } else {
    const index = records.index('lookups');
    find = (value) => index.getAll([partition, field, value]);
  }
  const rows = (await Promise.all(values.map(find))).flat().filter((row) => row !== undefined);
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}
