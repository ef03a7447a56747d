import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { eachAtOnce } from '../each-at-once.ts';
import type { RecordRow, SqlValue } from '../record-row.ts';
import type { RunSql, SqlDatabase } from '../sql-records.ts';
import { mysqlAnswer } from './mysql-answer.ts';
import { isDuplicate, isLost, isMissingTable, isUndone, mysqlError } from './mysql-error.ts';
import type { MysqlConnectionLike, MysqlPoolLike } from './mysql-like.ts';
import { mysqlRows } from './mysql-rows.ts';
import type { MysqlSql } from './mysql-sql.ts';
import { mysqlStatement } from './mysql-statement.ts';
import { untilClosed } from './until-closed.ts';

/** A table on a server. It is made by the first statement that finds none. */
export interface MysqlDatabase extends SqlDatabase {
  /** Resolves when the statements under way have ended; no other one begins. */
  close(): Promise<void>;
}

/** How often something is tried that others stand in the way of, and by how much the pauses grow, in milliseconds. */
const attempts = 20;
const stepMs = 5;

/** How many connections of a pool one call writes over at once. */
const writers = 4;

/** The table that these statements are about. */
export function mysqlDatabase(pool: MysqlPoolLike | MysqlConnectionLike, sql: MysqlSql): MysqlDatabase {
  const open = untilClosed();

  const rowsOf = async (text: string, values: readonly SqlValue[]): Promise<readonly RecordRow[]> =>
    mysqlRows(await mysqlAnswer(pool, mysqlStatement(text, values)));

  /** Tries again what surely was not done. After a lost connection nobody knows, so that only reading is done twice then. */
  const persist = async (text: string, values: readonly SqlValue[]): Promise<readonly RecordRow[]> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await rowsOf(text, values);
      } catch (error) {
        if (isDuplicate(error)) return [];
        if (attempt === attempts) throw error;
        if (isMissingTable(error)) await rowsOf(sql.create, []);
        else if (!isUndone(error) && !(isLost(error) && text.startsWith('SELECT'))) throw error;
      }
      const pauseMs = attempt * stepMs * Math.random();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };

  /** Deletes a row and returns it: reads it, and deletes it only as it was read. */
  const take = async (...key: readonly SqlValue[]): Promise<readonly RecordRow[]> => {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const rows = await persist(sql.get, key);
      const [row] = rows;
      if (row === undefined) return rows;
      const asRead = [row.sealed as Uint8Array, row.claim_owner as string];
      if ((await persist(sql.delete, [...key, ...asRead])).length > 0) return rows;
    }
    throw new TokenkeepError('E_STORAGE', 'others keep writing this record; try again in a moment');
  };

  const run: RunSql = (text, ...values) =>
    open
      .do(() => (text === sql.delete ? take(...values) : persist(text, values)))
      .catch((error: unknown) => {
        throw mysqlError(error);
      });

  return {
    run,
    // No transaction: it would hold its locks over several round trips, and a deadlock would take all of it back.
    runEach: (statements) => eachAtOnce(statements, writers, (statement) => run(statement.sql, ...statement.values)),
    close: () => open.close(),
  };
}
