import type { LookupField } from '../core/record-backend.ts';

/**
 * The statements of a record backend in SQLite's dialect, over the table of `migrations/0001_records.sql`. Each operation
 * is one statement, and so atomic by itself. Every value is a numbered parameter: `?1` is the partition and `?2` the id
 * unless said otherwise. A conditional write returns a row when it took place.
 */
export interface RecordSql {
  readonly get: string;
  /** ?1 partition, then the values. */
  find(field: LookupField | 'identity', values: number): string;
  /** ?1 to ?12 the record. Refused by the id and by the identity alike. */
  readonly insert: string;
  /** ?1 to ?12 the record, ?13 the owner whose claim ends or NULL, ?14 the expected revision. */
  readonly update: string;
  /** ?3 revision, ?4 owner, ?5 milliseconds to hold. Returns `in_doubt`. */
  readonly claim: string;
  /** ?3 owner, ?4 retry at, ?5 whether in doubt. */
  readonly release: string;
  readonly delete: string;
  /** ?2 the id before the page, ?3 how many. */
  readonly page: string;
  readonly clear: string;
  /** ?1 key id. Returns `records`. Reads every row: an index on key ids would be paid for with each save. */
  readonly count: string;
  /** ?1 key id, ?2 partition. */
  readonly countIn: string;
  /** ?1 now, ?2 how many. Returns a row for each that went. */
  readonly deleteExpired: string;
}

/** The database's clock in epoch milliseconds: of several isolates none has to have the right time. */
const now = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

const columns = `partition, id, revision, identity, lookup_user_name, lookup_access_token, lookup_refresh_token,
  lookup_grant_token, key_id, index_key_id, expires_at, sealed`;

const fieldColumns: Record<LookupField | 'identity', string> = {
  identity: 'identity',
  userName: 'lookup_user_name',
  accessToken: 'lookup_access_token',
  refreshToken: 'lookup_refresh_token',
  grantToken: 'lookup_grant_token',
};

// Bytes as hexadecimal digits, none for NULL: D1 would send them as a list of decimal numbers, which takes longer to read.
const select = `SELECT partition, id, revision, hex(identity) AS identity_hex,
  hex(lookup_user_name) AS user_name_hex, hex(lookup_access_token) AS access_token_hex,
  hex(lookup_refresh_token) AS refresh_token_hex, hex(lookup_grant_token) AS grant_token_hex,
  key_id, index_key_id, expires_at, hex(sealed) AS sealed_hex, claim_until, retry_at FROM tokenkeep_record`;

/** A claim column after a write: the writer's own claim ends, anybody else's stays. */
const ended = (column: string, none: string): string =>
  `${column} = CASE WHEN claim_owner = ?13 THEN ${none} ELSE ${column} END`;

export const recordSql: RecordSql = {
  get: `${select} WHERE partition = ?1 AND id = ?2`,

  find: (field, values) =>
    `${select} WHERE partition = ?1 AND ${fieldColumns[field]} IN (${Array.from({ length: values }, (_, i) => `?${i + 2}`)})`,

  insert: `INSERT INTO tokenkeep_record (${columns})
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
  ON CONFLICT DO NOTHING RETURNING 1`,

  // An identity that another record has is looked for, not run into: OR IGNORE would swallow failed checks as well.
  update: `UPDATE tokenkeep_record SET revision = ?3, identity = ?4, lookup_user_name = ?5, lookup_access_token = ?6,
  lookup_refresh_token = ?7, lookup_grant_token = ?8, key_id = ?9, index_key_id = ?10, expires_at = ?11, sealed = ?12,
  ${ended('claim_owner', "''")},
  ${ended('claim_until', '0')},
  ${ended('claim_revision', '0')},
  ${ended('claim_previous', '0')},
  ${ended('retry_at', '0')}
  WHERE partition = ?1 AND id = ?2 AND revision = ?14 AND NOT EXISTS (
    SELECT 1 FROM tokenkeep_record AS other WHERE other.partition = ?1 AND other.identity = ?4 AND other.id <> ?2
  ) RETURNING 1`,

  // SET reads the row as it was: a holder who neither wrote nor released shows as doubt, and an owner who asks again,
  // because the first answer was lost, does not become its own predecessor.
  claim: `UPDATE tokenkeep_record SET
  claim_previous = CASE WHEN claim_owner = ?4 THEN claim_previous ELSE claim_revision END,
  claim_owner = ?4, claim_until = ${now} + CAST(?5 AS INTEGER), claim_revision = revision
  WHERE partition = ?1 AND id = ?2 AND revision = ?3 AND retry_at <= ${now}
    AND (claim_owner = '' OR claim_until <= ${now} OR claim_owner = ?4)
  RETURNING claim_previous = revision AS in_doubt`,

  // A doubt that the holder inherited stays.
  release: `UPDATE tokenkeep_record SET claim_owner = '', claim_until = 0, retry_at = CAST(?4 AS INTEGER),
  claim_revision = CASE WHEN ?5 OR claim_previous = revision THEN revision ELSE 0 END, claim_previous = 0
  WHERE partition = ?1 AND id = ?2 AND claim_owner = ?3`,

  delete: 'DELETE FROM tokenkeep_record WHERE partition = ?1 AND id = ?2',

  page: `${select} WHERE partition = ?1 AND id > ?2 ORDER BY id LIMIT ?3`,

  clear: 'DELETE FROM tokenkeep_record WHERE partition = ?1',

  count: 'SELECT count(*) AS records FROM tokenkeep_record WHERE key_id = ?1 OR index_key_id = ?1',

  countIn:
    'SELECT count(*) AS records FROM tokenkeep_record WHERE (key_id = ?1 OR index_key_id = ?1) AND partition = ?2',

  deleteExpired: `DELETE FROM tokenkeep_record WHERE rowid IN (
    SELECT rowid FROM tokenkeep_record WHERE expires_at > 0 AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2
  ) RETURNING 1`,
};
