import type { ClosableRecordBackend } from '../../core/record-backend.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { sqlRecords } from '../sql-records.ts';
import { mysqlDatabase } from './mysql-database.ts';
import type { MysqlConnectionLike, MysqlPoolLike } from './mysql-like.ts';
import { mysqlPool } from './mysql-pool.ts';
import type { MysqlServer } from './mysql-server.ts';
import { mysqlSql } from './mysql-sql.ts';

export type { MysqlConnectionLike, MysqlField, MysqlPoolLike, MysqlStatement } from './mysql-like.ts';
export type { MysqlServer } from './mysql-server.ts';

/** A pool or a connection of `mysql2/promise` that is there already: for TLS, a socket, or a Worker's Hyperdrive. */
export interface MysqlConnections {
  readonly pool: MysqlPoolLike | MysqlConnectionLike;
}

/** What {@link mysqlBackend} can be told. */
export type MysqlBackendOptions = (MysqlServer | MysqlConnections) & {
  /** Up to 64 letters, digits and underscores. Default `oauthtoken`. */
  readonly table?: string;
};

/**
 * Keeps records in one table of MySQL or MariaDB (InnoDB), by `mysql2`. Every operation is one statement, but a deletion two;
 * claims go by the clock of the database, so that any number of processes on any number of machines may share the table.
 *
 * The first operation makes the table where there is none of that name; one that was not made here, such as that of a store of
 * Zoho's SDK, is left alone. The user needs SELECT, INSERT, UPDATE and DELETE on it, and CREATE until it is made.
 *
 * A statement waits for twenty seconds at most. One that the database gave up in favour of another, and a read whose connection
 * was lost, is tried again; a write whose connection was lost is not, since it may have taken place.
 *
 * @param options where the table is: on a server, by default that of Zoho's SDK; or `pool`, whose connections have to read and
 * write the primary, without a cache, and to commit by themselves. How else they are set makes no difference. A pool stays the
 * caller's: `close` does not end it.
 * @throws `E_CONFIG` when a setting cannot be one. Operations reject with `E_CONFIG` when the server refuses the user, lacks the
 * database or a right, or has another table of that name.
 */
export function mysqlBackend(options: MysqlBackendOptions = {}): ClosableRecordBackend {
  const { table = 'oauthtoken' } = options;
  if (!/^\w{1,64}$/.test(table)) {
    throw new TokenkeepError('E_CONFIG', 'table is no plain name; use up to 64 letters, digits and underscores');
  }
  const sql = mysqlSql(table);
  if ('pool' in options) {
    const db = mysqlDatabase(checkedPool(options.pool), sql);
    return { ...sqlRecords(db, sql), close: db.close };
  }
  const pool = mysqlPool(options);
  const db = mysqlDatabase(pool, sql);
  return {
    ...sqlRecords(db, sql),
    async close() {
      await db.close();
      // ended twice it rejects; and a server that is gone cannot be told good-bye
      await pool.end().catch(() => undefined);
    },
  };
}

/** With callbacks instead of promises it would seem to answer at once. */
function checkedPool(pool: MysqlConnections['pool']): MysqlConnections['pool'] {
  const { query, getConnection, promise } = Object(pool) as Readonly<Record<string, unknown>>;
  if (typeof (getConnection ?? query) === 'function' && promise === undefined) return pool;
  throw new TokenkeepError('E_CONFIG', 'pool is none of mysql2/promise; make it with createPool of that');
}
