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
  const byIdentity = records.index('identity');
  const byLookup = records.index('lookups');
  const rows = values.map((value) =>
    field === 'identity' ? byIdentity.getAll([partition, value]) : byLookup.getAll([partition, field, value]),
  );
  return [...new Map((await Promise.all(rows)).flat().map((row) => [row.id, row])).values()];
}
