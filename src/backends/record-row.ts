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

/** The record that a row holds, with its bytes as they are or as hexadecimal digits, and its id as it is or as JSON. */
export function recordFromRow(row: RecordRow): KeptRecord {
  return keptRecord({
    partition: row.partition,
    id: typeof row.id_json === 'string' ? JSON.parse(row.id_json) : row.id,
    revision: row.revision,
    identity: rowBytes(row, 'identity'),
    lookups: {
      userName: rowBytes(row, 'user_name'),
      accessToken: rowBytes(row, 'access_token'),
      refreshToken: rowBytes(row, 'refresh_token'),
      grantToken: rowBytes(row, 'grant_token'),
    },
    keyId: row.key_id,
    indexKeyId: row.index_key_id,
    expiresAt: row.expires_at,
    dueAt: row.due_at,
    sealed: rowBytes(row, 'sealed'),
    claim: { owner: row.claim_owner, heldMs: row.held_ms, coolingMs: row.cooling_ms },
  });
}

/** The bytes of a column: hexadecimal digits, or themselves. No digits, which is what NULL has, are no bytes. */
export function rowBytes(row: RecordRow, column: string): Bytes | undefined {
  const digits = row[`${column}_hex`];
  if (typeof digits === 'string' && digits !== '') return fromHex(digits);
  const value = row[column];
  // a copy: what a driver hands out is a window on all that the database sent
  return value instanceof Uint8Array ? new Uint8Array(value) : undefined;
}
