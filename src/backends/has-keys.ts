import type { RecordKeys } from '../core/record-backend.ts';

/** Whether a record has exactly these two keys. Of no keys no record has them. */
export function hasKeys(record: RecordKeys, keys: RecordKeys | undefined): boolean {
  return record.keyId === keys?.keyId && record.indexKeyId === keys.indexKeyId;
}
