import { resolve } from 'node:path';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import type { SqlDatabase } from '../sql-records.ts';
import { openSqlite, type SqliteConnection } from './open-sqlite.ts';
import { OpenTransaction, sqliteError } from './sqlite-error.ts';
import type { SqliteLike } from './sqlite-like.ts';
import { untilClosed } from './until-closed.ts';
import { whenUnlocked } from './when-unlocked.ts';

/** A database that opens itself with the first statement. */
export interface SqliteDatabase extends SqlDatabase {
  /** Closes what was opened here, once the statements under way have ended. */
  close(): Promise<void>;
}

/**
 * The database of this path or of this connection. Failures are typed.
 *
 * @throws `E_CONFIG` when it is neither.
 */
export function sqliteDatabase(database: string | SqliteLike): SqliteDatabase {
  const place = placeOf(database);
  const open = untilClosed();
  let connection: SqliteConnection | undefined;

  const perform = <Result>(work: (on: SqliteConnection) => Result): Promise<Result> => {
    const attempt = (): Result => {
      if (typeof place !== 'string' && place.isTransaction) throw new OpenTransaction();
      // one that could not be opened is opened anew by the next statement
      connection ??= openSqlite(place);
      return work(connection);
    };
    return open
      .do(() => whenUnlocked(attempt))
      .catch((error: unknown) => {
        throw sqliteError(error);
      });
  };

  return {
    run: (sql, ...values) => perform(({ run }) => run(sql, values)),

    runEach: (statements) =>
      perform(({ run, atOnce }) => atOnce(() => statements.map(({ sql, values }) => run(sql, values)))),

    async close() {
      await open.close();
      connection?.close();
      connection = undefined;
    },
  };
}

/** A path from the root: the process may go to another folder before the file is opened. */
function placeOf(database: string | SqliteLike): string | SqliteLike {
  if (typeof database !== 'string') {
    if (typeof database?.prepare === 'function') return database;
  } else if (database === ':memory:') {
    return database;
  } else if (database !== '' && !database.includes('\0')) {
    try {
      return resolve(database);
    } catch (error) {
      throw sqliteError(error);
    }
  }
  throw new TokenkeepError('E_CONFIG', 'there is no database; name a file, :memory: or a DatabaseSync of node:sqlite');
}
