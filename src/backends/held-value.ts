import type { Bytes } from '../core/bytes.ts';
import type { LookupField, StoredRecord } from '../core/record-backend.ts';

/** The value by which a record is found in this field; `undefined` when its token does not have the field. */
export function heldValue(record: StoredRecord, field: LookupField | 'identity'): Bytes | undefined {
  return field === 'identity' ? record.identity : record.lookups[field];
}
