import type { StoredRecord } from '../core/record-backend.ts';

/**
 * A copy that shares nothing with the record, and holds its bytes alone: a typed array can be a window on a larger
 * buffer, which cloning or storing it would take along.
 */
export function copyRecord(record: StoredRecord): StoredRecord {
  const { partition, id, revision, identity, lookups, keyId, indexKeyId, expiresAt, dueAt, sealed } = record;
  return {
    partition,
    id,
    revision,
    identity: identity.slice(),
    lookups: Object.fromEntries(Object.entries(lookups).map(([field, value]) => [field, value.slice()])),
    keyId,
    indexKeyId,
    expiresAt,
    dueAt,
    sealed: sealed.slice(),
  };
}
