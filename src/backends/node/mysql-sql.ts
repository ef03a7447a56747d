import { lookupColumns } from '../lookup-columns.ts';
import type { RecordSql } from '../record-sql.ts';

/** The statements over one table of MySQL or MariaDB. */
export interface MysqlSql extends RecordSql {
  /** Makes the table, where there is none of that name. */
  readonly create: string;
  /** ?3 the sealed bytes and ?4 the owner of the claim, as they were read: MySQL does not return what it deletes. */
  readonly delete: string;
}

/**
 * The database's clock in epoch milliseconds. Of UTC, because the hour that local time repeats each autumn would make a
 * claim last an hour longer.
 */
const now = "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)";

const columns = `partition_name, id, revision, identity, lookup_user_name, lookup_access_token, lookup_refresh_token,
  lookup_grant_token, key_id, index_key_id, expires_at, due_at, sealed`;

const selected = `partition_name AS \`partition\`, id, revision, identity, lookup_user_name AS user_name,
  lookup_access_token AS access_token, lookup_refresh_token AS refresh_token, lookup_grant_token AS grant_token,
  key_id, index_key_id, expires_at, due_at, sealed, claim_owner,
  GREATEST(claim_until - ${now}, 0) AS held_ms, GREATEST(retry_at - ${now}, 0) AS cooling_ms`;

/** A value, which the server also answers with when a row was written, and only then. */
const told = (value: string): string => `LAST_INSERT_ID(${value})`;

/**
 * The statements in the dialect that MySQL and MariaDB share: without RETURNING, and without indexes over a part of the rows.
 *
 * SET goes from left to right, and what stands on the right sees what was assigned before (in MariaDB there is a mode in which
 * it does not). No expression here reads a column that stands to its left, so that either gives the same.
 *
 * @param table a name that was checked: it becomes part of the statements.
 */
export function mysqlSql(table: string): MysqlSql {
  const records = `\`${table}\``;
  const select = `SELECT ${selected} FROM ${records}`;
  // All keys begin alike, so that whoever chooses among them by coarse statistics may read a whole partition.
  const by = (key: string): string => `FORCE INDEX (${key})`;
  const counted = `SELECT key_id, index_key_id, COUNT(*) AS records FROM ${records}`;
  return {
    // Names and lookups are compared as bytes: no collation makes two of them equal, and no trailing space is ignored.
    create: `CREATE TABLE IF NOT EXISTS ${records} (
  partition_name VARBINARY(640) NOT NULL,
  id VARBINARY(256) NOT NULL,
  revision BIGINT NOT NULL CHECK (revision > 0),
  identity VARBINARY(16) NOT NULL,
  lookup_user_name VARBINARY(16),
  lookup_access_token VARBINARY(16),
  lookup_refresh_token VARBINARY(16),
  lookup_grant_token VARBINARY(16),
  key_id VARBINARY(16) NOT NULL,
  index_key_id VARBINARY(16) NOT NULL,
  expires_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  sealed MEDIUMBLOB NOT NULL,
  claim_owner VARBINARY(256) NOT NULL DEFAULT '',
  claim_until BIGINT NOT NULL DEFAULT 0,
  claim_attempts BIGINT NOT NULL DEFAULT 0,
  retry_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (partition_name, id),
  UNIQUE KEY by_identity (partition_name, identity),
  KEY by_lookup_user_name (partition_name, lookup_user_name),
  KEY by_lookup_access_token (partition_name, lookup_access_token),
  KEY by_lookup_refresh_token (partition_name, lookup_refresh_token),
  KEY by_lookup_grant_token (partition_name, lookup_grant_token),
  KEY by_due_at (partition_name, due_at),
  KEY by_expires_at (expires_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = utf8mb4 COMMENT = 'Sealed records of tokenkeep'`,

    get: `${select} WHERE partition_name = ?1 AND id = ?2`,

    find(field, values) {
      const column = lookupColumns[field];
      const places = Array.from({ length: values }, (_, i) => `?${i + 2}`);
      return `${select} ${by(`by_${column}`)} WHERE partition_name = ?1 AND ${column} IN (${places})`;
    },

    insert: `INSERT INTO ${records} (${columns})
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)`,

    // The owner of the claim last: what stands before asks who it was.
    update: `UPDATE ${records} SET revision = ${told('?3')}, identity = ?4, lookup_user_name = ?5,
  lookup_access_token = ?6, lookup_refresh_token = ?7, lookup_grant_token = ?8, key_id = ?9, index_key_id = ?10,
  expires_at = ?11, due_at = ?12, sealed = ?13,
  claim_attempts = CASE WHEN claim_owner = ?15 OR ?16 = 1 THEN 0 ELSE claim_attempts END,
  retry_at = CASE WHEN claim_owner = ?15 OR ?16 = 1 THEN 0 ELSE retry_at END,
  claim_until = CASE WHEN claim_owner = ?15 THEN 0 ELSE claim_until END,
  claim_owner = CASE WHEN claim_owner = ?15 THEN '' ELSE claim_owner END
  WHERE partition_name = ?1 AND id = ?2 AND revision = ?14`,

    // An owner who asks again, because the first answer was lost, is not counted twice.
    claim: `UPDATE ${records} SET
  claim_attempts = ${told('CASE WHEN claim_owner = ?4 THEN GREATEST(claim_attempts, 1) ELSE claim_attempts + 1 END')},
  claim_owner = ?4, claim_until = ${now} + ?5
  WHERE partition_name = ?1 AND id = ?2 AND revision = ?3 AND retry_at <= ${now}
    AND (claim_owner = '' OR claim_until <= ${now} OR claim_owner = ?4)`,

    // Doubts that the holder inherited stay.
    release: `UPDATE ${records} SET claim_owner = '', claim_until = 0,
  retry_at = CASE WHEN ?4 > 0 THEN ${now} + ?4 ELSE 0 END,
  claim_attempts = CASE WHEN ?5 = 1 THEN claim_attempts ELSE GREATEST(claim_attempts - 1, 0) END
  WHERE partition_name = ?1 AND id = ?2 AND claim_owner = ?3`,

    delete: `DELETE FROM ${records} WHERE partition_name = ?1 AND id = ?2 AND sealed = ?3 AND claim_owner = ?4`,

    page: `${select} ${by('PRIMARY')} WHERE partition_name = ?1 AND id > ?2 ORDER BY id LIMIT ?3`,

    clear: `DELETE FROM ${records} WHERE partition_name = ?1`,

    // Two ranges of one key: a comparison of rows would not be looked up in it.
    scan: `SELECT ${selected}, partition_name AS place_partition, id AS place_id FROM ${records} ${by('PRIMARY')}
  WHERE (partition_name > ?1 OR (partition_name = ?1 AND id > ?2)) AND NOT (key_id <=> ?3 AND index_key_id <=> ?4)
  ORDER BY partition_name, id LIMIT ?5`,

    keyUse: `${counted} GROUP BY key_id, index_key_id`,

    keyUseIn: `${counted} WHERE partition_name = ?1 GROUP BY key_id, index_key_id`,

    // Chosen first and read then: what is sorted is not the sealed bytes.
    due: `${select} JOIN (
    SELECT id AS due_id FROM ${records} ${by('by_due_at')} WHERE partition_name = ?1 AND due_at > 0 AND due_at <= ?2
      AND claim_until <= ${now} AND retry_at <= ${now} ORDER BY GREATEST(due_at, retry_at) LIMIT ?3
  ) AS chosen ON id = due_id WHERE partition_name = ?1 ORDER BY GREATEST(due_at, retry_at)`,

    deleteExpired: `DELETE FROM ${records} WHERE expires_at > 0 AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2`,
  };
}
