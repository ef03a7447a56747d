import type { Bytes } from '../core/bytes.ts';
import { fromHex } from '../core/hex.ts';
import type { KeptRecord, StoredRecord } from '../core/record-backend.ts';
import { keptRecord } from './kept-record.ts';

/** A row that {@link recordSql} returned, by column name. */
export type RecordRow = Readonly<Record<string, unknown>>;

/** What is bound to a parameter of a statement. */
export type SqlValue = string | number | Uint8Array | null;

/** The values that {@link recordSql} binds for a record, `?1` to `?13`. */
export function rowValues(record: StoredRecord): readonly SqlValue[] {
  const { partition, id, revision, identity, lookups, keyId, indexKeyId, expiresAt, dueAt, sealed } = record;
  const { userName = null, accessToken = null, refreshToken = null, grantToken = null } = lookups;
  const lookupColumns = [userName, accessToken, refreshToken, grantToken];
  return [partition, id, revision, identity, ...lookupColumns, keyId, indexKeyId, expiresAt, dueAt, sealed];
}

/** The record that a row holds, with its bytes as hexadecimal digits, and its id as it is or as JSON. */
export function recordFromRow(row: RecordRow): KeptRecord {
  return keptRecord({
    partition: row.partition,
    id: typeof row.id_json === 'string' ? JSON.parse(row.id_json) : row.id,
    revision: row.revision,
    identity: bytes(row.identity_hex),
    lookups: {
      userName: bytes(row.user_name_hex),
      accessToken: bytes(row.access_token_hex),
      refreshToken: bytes(row.refresh_token_hex),
      grantToken: bytes(row.grant_token_hex),
    },
    keyId: row.key_id,
    indexKeyId: row.index_key_id,
    expiresAt: row.expires_at,
    dueAt: row.due_at,
    sealed: bytes(row.sealed_hex),
    claim: { owner: row.claim_owner, heldMs: row.held_ms, coolingMs: row.cooling_ms },
  });
}

/** No digits, which is what NULL has, are no bytes. */
function bytes(digits: unknown): Bytes | undefined {
  return typeof digits === 'string' && digits !== '' ? fromHex(digits) : undefined;
}
