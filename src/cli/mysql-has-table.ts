import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { mysqlError } from '../backends/node/mysql-error.ts';
import type { MysqlPlace } from './place.ts';

/**
 * Whether the server has a table of that name. Writes nothing.
 *
 * @throws `E_CONFIG` when the server refuses the user or has no such database, `E_STORAGE` when it cannot be reached.
 */
export async function mysqlHasTable(place: MysqlPlace, password: string): Promise<boolean> {
  const { host, port, database, user, table } = place;
  let connection: Connection | undefined;
  try {
    const server = { host, port, database, user, password };
    connection = await createConnection({
      ...server,
      connectTimeout: 5_000,
      disableEval: true,
      flags: ['-LOCAL_FILES'],
    });
    const sql = 'SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?';
    const [rows] = await connection.execute<RowDataPacket[]>(sql, [table]);
    return rows.length > 0;
  } catch (error) {
    throw mysqlError(error);
  } finally {
    connection?.destroy();
  }
}
