import type { PoolConnection, RowDataPacket } from 'mysql2/promise';
import { mysqlError } from '../backends/node/mysql-error.ts';
import { mysqlPool } from '../backends/node/mysql-pool.ts';
import type { MysqlServer } from '../backends/node/mysql-server.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { databaseRow } from './database-row.ts';
import { tableColumns } from './source-columns.ts';
import type { SourceRow } from './source-row.ts';

/** A table on a server. */
export interface MysqlSource {
  readonly server: MysqlServer;
  readonly table: string;
}

/** How long to wait for an answer. */
const patienceMs = 60_000;

/**
 * The rows of a table that a `DBStore` of Zoho's SDKs keeps, numbered in the order of their ids. They are read in one transaction
 * that is read-only.
 *
 * @throws `E_CONFIG` when there is no such table, or the user may not read it; `E_STORAGE` when the server cannot be reached.
 */
export async function* readMysqlStore({ server, table }: MysqlSource): AsyncGenerator<SourceRow, void, undefined> {
  if (!/^[\w$]{1,64}$/.test(table)) {
    throw new TokenkeepError('E_CONFIG', 'the table has no plain name; use letters, digits and underscores');
  }
  const pool = mysqlPool(server);
  let connection: PoolConnection | undefined;
  try {
    connection = await pool.getConnection();
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const found = await select(connection, `SHOW COLUMNS FROM \`${table}\``);
    const columns = tableColumns(found.map(([name]) => String(name)));
    if (columns === undefined) {
      throw new TokenkeepError('E_CONFIG', "the table has other columns than Zoho's; name that of the DBStore");
    }
    const list = columns.map(({ name }) => `\`${name}\``).join();
    const rows = await select(connection, `SELECT ${list} FROM \`${table}\` ORDER BY id`);
    for (const [i, values] of rows.entries()) yield databaseRow(i + 1, columns, values);
  } catch (error) {
    throw sourceError(error);
  } finally {
    connection?.destroy();
    await pool.end().catch(() => undefined);
  }
}

/** Rows of the columns' bytes, as the server sends them. */
async function select(connection: PoolConnection, sql: string): Promise<readonly (Buffer | null)[][]> {
  const options = { sql, rowsAsArray: true, typeCast: false, timeout: patienceMs };
  const [rows] = await connection.query<RowDataPacket[][]>(options);
  return rows as unknown as (Buffer | null)[][];
}

function sourceError(error: unknown): TokenkeepError {
  const { errno } = Object(error) as { readonly errno?: unknown };
  if (errno === 1146) {
    return new TokenkeepError('E_CONFIG', 'there is no such table; name that of the DBStore, with ?table=');
  }
  if ([1044, 1142, 1143].includes(errno as number)) {
    return new TokenkeepError('E_CONFIG', 'the user may not read the table; grant it SELECT');
  }
  return mysqlError(error);
}
