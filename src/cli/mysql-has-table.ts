import type { RowDataPacket } from 'mysql2/promise';
import { mysqlError } from '../backends/node/mysql-error.ts';
import { mysqlPool } from '../backends/node/mysql-pool.ts';
import type { MysqlServer } from '../backends/node/mysql-server.ts';

/**
 * Whether the database has a table of that name. Writes nothing.
 *
 * @throws `E_CONFIG` when the server refuses the user or has no such database, `E_STORAGE` when it cannot be reached.
 */
export async function mysqlHasTable(server: MysqlServer, table: string): Promise<boolean> {
  const pool = mysqlPool(server);
  try {
    const sql = 'SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?';
    const [rows] = await pool.execute<RowDataPacket[]>(sql, [table]);
    return rows.length > 0;
  } catch (error) {
    throw mysqlError(error);
  } finally {
    await pool.end().catch(() => undefined);
  }
}
