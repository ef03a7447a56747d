import type { LookupField } from '../core/record-backend.ts';
import { lookupColumns } from './lookup-columns.ts';

/**
 * The statements of a record backend in SQLite's dialect, over the table that `migrations/` makes. Each operation
 * is one statement, and so atomic by itself. Every value is a numbered parameter: `?1` is the partition and `?2` the id
 * unless said otherwise. A conditional write returns a row when it took place.
 */
export interface RecordSql {
  readonly get: string;
  /** ?1 partition, then the values. */
  find(field: LookupField | 'identity', values: number): string;
  /** ?1 to ?13 the record. Refused by the id and by the identity alike. */
  readonly insert: string;
  /** ?1 to ?13 the record, ?14 the expected revision, ?15 the owner whose claim ends or NULL, ?16 whether renewed. */
  readonly update: string;
  /** ?3 revision, ?4 owner, ?5 milliseconds to hold. Returns `doubts`. */
  readonly claim: string;
  /** ?3 owner, ?4 milliseconds to cool down, ?5 whether in doubt. */
  readonly release: string;
  /** Returns the row that went. */
  readonly delete: string;
  /** ?2 the id before the page, ?3 how many. */
  readonly page: string;
  readonly clear: string;
  /**
   * ?1 and ?2 the bytes of the partition and the id before the page, ?3 and ?4 the key ids to leave out or NULL, ?5 how many.
   * Returns the bytes of both names as `place_partition` and `place_id` as well: a name that is no UTF-8 has no other cursor.
   */
  readonly scan: string;
  /** Returns `key_id`, `index_key_id` and `records`. Reads every row: an index on key ids would be paid for with each save. */
  readonly keyUse: string;
  /** ?1 partition. */
  readonly keyUseIn: string;
  /** ?2 at, ?3 how many. */
  readonly due: string;
  /** ?1 now, ?2 how many. Returns a row for each that went. */
  readonly deleteExpired: string;
}

/** The database's clock in epoch milliseconds: of several isolates none has to have the right time. */
const now = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

const columns = `partition, id, revision, identity, lookup_user_name, lookup_access_token, lookup_refresh_token,
  lookup_grant_token, key_id, index_key_id, expires_at, due_at, sealed`;

// Bytes as hexadecimal digits, none for NULL: D1 would send them as a list of decimal numbers, which takes longer to read.
// The id as JSON, which holds no NUL: before 24.16 Node ends the text of an SQLite column there. And of the claim how long
// it still lasts, since only here is the clock by which it began.
const selected = `partition, json_quote(id) AS id_json, revision, hex(identity) AS identity_hex,
  hex(lookup_user_name) AS user_name_hex, hex(lookup_access_token) AS access_token_hex,
  hex(lookup_refresh_token) AS refresh_token_hex, hex(lookup_grant_token) AS grant_token_hex,
  key_id, index_key_id, expires_at, due_at, hex(sealed) AS sealed_hex, claim_owner,
  max(claim_until - ${now}, 0) AS held_ms, max(retry_at - ${now}, 0) AS cooling_ms`;

const select = `SELECT ${selected} FROM tokenkeep_record`;

const counted = 'SELECT key_id, index_key_id, count(*) AS records FROM tokenkeep_record';

/** Who holds the claim after a write: the writer's own claim ends, anybody else's stays. */
const ended = (column: string, none: string): string =>
  `${column} = CASE WHEN claim_owner = ?15 THEN ${none} ELSE ${column} END`;

/** What was in doubt or cooling down after a write: the writer's own claim settles it, and so does another refresh token. */
const settled = (column: string): string => `${column} = CASE WHEN claim_owner = ?15 OR ?16 THEN 0 ELSE ${column} END`;

export const recordSql: RecordSql = {
  get: `${select} WHERE partition = ?1 AND id = ?2`,

  find: (field, values) =>
    `${select} WHERE partition = ?1 AND ${lookupColumns[field]} IN (${Array.from({ length: values }, (_, i) => `?${i + 2}`)})`,

  insert: `INSERT INTO tokenkeep_record (${columns})
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
  ON CONFLICT DO NOTHING RETURNING 1`,

  // An identity that another record has is looked for, not run into: OR IGNORE would swallow failed checks as well.
  update: `UPDATE tokenkeep_record SET revision = ?3, identity = ?4, lookup_user_name = ?5, lookup_access_token = ?6,
  lookup_refresh_token = ?7, lookup_grant_token = ?8, key_id = ?9, index_key_id = ?10, expires_at = ?11,
  due_at = ?12, sealed = ?13,
  ${ended('claim_owner', "''")},
  ${ended('claim_until', '0')},
  ${settled('claim_attempts')},
  ${settled('retry_at')}
  WHERE partition = ?1 AND id = ?2 AND revision = ?14 AND NOT EXISTS (
    SELECT 1 FROM tokenkeep_record AS other WHERE other.partition = ?1 AND other.identity = ?4 AND other.id <> ?2
  ) RETURNING 1`,

  // SET reads the row as it was: an owner who asks again, because the first answer was lost, is not counted twice.
  claim: `UPDATE tokenkeep_record SET
  claim_attempts = CASE WHEN claim_owner = ?4 THEN max(claim_attempts, 1) ELSE claim_attempts + 1 END,
  claim_owner = ?4, claim_until = ${now} + CAST(?5 AS INTEGER)
  WHERE partition = ?1 AND id = ?2 AND revision = ?3 AND retry_at <= ${now}
    AND (claim_owner = '' OR claim_until <= ${now} OR claim_owner = ?4)
  RETURNING claim_attempts - 1 AS doubts`,

  // Doubts that the holder inherited stay.
  release: `UPDATE tokenkeep_record SET claim_owner = '', claim_until = 0,
  retry_at = CASE WHEN ?4 > 0 THEN ${now} + CAST(?4 AS INTEGER) ELSE 0 END,
  claim_attempts = CASE WHEN ?5 THEN claim_attempts ELSE max(claim_attempts - 1, 0) END
  WHERE partition = ?1 AND id = ?2 AND claim_owner = ?3`,

  delete: `DELETE FROM tokenkeep_record WHERE partition = ?1 AND id = ?2 RETURNING ${selected}`,

  page: `${select} WHERE partition = ?1 AND id > ?2 ORDER BY id LIMIT ?3`,

  clear: 'DELETE FROM tokenkeep_record WHERE partition = ?1',

  // Plus takes the affinity away, with which the index would be searched for the partition alone. IS NOT, because no key is
  // NULL: then nothing is left out.
  scan: `SELECT ${selected}, hex(partition) AS place_partition_hex, hex(id) AS place_id_hex FROM tokenkeep_record
  WHERE (partition, id) > (+CAST(?1 AS TEXT), +CAST(?2 AS TEXT)) AND (key_id IS NOT ?3 OR index_key_id IS NOT ?4)
  ORDER BY partition, id LIMIT ?5`,

  keyUse: `${counted} GROUP BY key_id, index_key_id`,

  keyUseIn: `${counted} WHERE partition = ?1 GROUP BY key_id, index_key_id`,

  // Chosen first and read then: what is sorted is not the sealed bytes.
  due: `${select} WHERE rowid IN (
    SELECT rowid FROM tokenkeep_record WHERE partition = ?1 AND due_at > 0 AND due_at <= ?2
      AND claim_until <= ${now} AND retry_at <= ${now} ORDER BY max(due_at, retry_at) LIMIT ?3
  ) ORDER BY max(due_at, retry_at)`,

  deleteExpired: `DELETE FROM tokenkeep_record WHERE rowid IN (
    SELECT rowid FROM tokenkeep_record WHERE expires_at > 0 AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2
  ) RETURNING 1`,
};
