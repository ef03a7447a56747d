import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import type { RecordRow } from '../record-row.ts';

/** What mysql2 answers to a statement that writes. Numbers are texts where a pool is set so. */
interface MysqlWrite {
  readonly affectedRows: number | string;
  readonly insertId: number | string;
  readonly serverStatus: number;
}

/** The flag of the server's status (SERVER_STATUS_IN_TRANS) that says that a transaction is open. */
const inTransaction = 1;

/**
 * The rows that a statement returned. One that wrote returns as many as it wrote, as it does elsewhere by a clause RETURNING,
 * which MySQL lacks; what a claim has to tell comes by way of LAST_INSERT_ID().
 *
 * @throws `E_CONFIG` when what was written waits for a COMMIT.
 */
export function mysqlRows(answer: unknown): readonly RecordRow[] {
  if (Array.isArray(answer)) return answer as readonly RecordRow[];
  const { affectedRows, insertId, serverStatus } = answer as MysqlWrite;
  if ((serverStatus & inTransaction) !== 0) {
    throw new TokenkeepError(
      'E_CONFIG',
      'the connection does not commit by itself, so that nothing is stored yet; turn autocommit on, and end transactions',
    );
  }
  // Without the flag FOUND_ROWS a row that was written as it stood does not count, but it set LAST_INSERT_ID().
  const written = Math.max(Number(affectedRows), Math.sign(Number(insertId)));
  return Array.from({ length: written }, () => ({ doubts: Number(insertId) - 1 }));
}
