import type { KeptRecord, StoredRecord } from '../core/record-backend.ts';
import { keptRecord } from './kept-record.ts';

/** A row of the table of `migrations/0001_records.sql`, by column name. */
export type RecordRow = Readonly<Record<string, unknown>>;

/** The values that {@link recordSql} binds for a record, `?1` to `?12`. */
export function rowValues(record: StoredRecord): readonly (string | number | Uint8Array | null)[] {
  const { partition, id, revision, identity, lookups, keyId, indexKeyId, expiresAt, sealed } = record;
  const { userName = null, accessToken = null, refreshToken = null, grantToken = null } = lookups;
  const lookupColumns = [userName, accessToken, refreshToken, grantToken];
  return [partition, id, revision, identity, ...lookupColumns, keyId, indexKeyId, expiresAt, sealed];
}

/** The record that a row holds. */
export function recordFromRow(row: RecordRow): KeptRecord {
  return keptRecord({
    partition: row.partition,
    id: row.id,
    revision: row.revision,
    identity: row.identity,
    lookups: {
      userName: row.lookup_user_name,
      accessToken: row.lookup_access_token,
      refreshToken: row.lookup_refresh_token,
      grantToken: row.lookup_grant_token,
    },
    keyId: row.key_id,
    indexKeyId: row.index_key_id,
    expiresAt: row.expires_at,
    sealed: row.sealed,
    claimUntil: row.claim_until,
    retryAt: row.retry_at,
  });
}
