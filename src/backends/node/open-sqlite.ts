import { closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { RecordRow, SqlValue } from '../record-row.ts';
import { makeSqliteTables } from './make-sqlite-tables.ts';
import type { SqliteLike } from './sqlite-like.ts';
import { sqliteStatements } from './sqlite-statements.ts';
import { sqliteTransaction } from './sqlite-transaction.ts';

/** An open database that has the tables of `migrations/`. */
export interface SqliteConnection {
  /** Runs one statement. Failures are those of the driver. */
  run(sql: string, values: readonly SqlValue[]): readonly RecordRow[];
  /** Does work in a transaction of its own, or in the caller's: all that it writes is written, or nothing. */
  atOnce<Result>(work: () => Result): Result;
  close(): void;
}

/** Opens a file, or takes a connection of the caller over. Failures are those of the driver and of the file system. */
export function openSqlite(database: string | SqliteLike): SqliteConnection {
  if (typeof database !== 'string') {
    makeSqliteTables(database);
    return { ...connectionTo(database), close: () => undefined };
  }
  const connection = database === ':memory:' ? new DatabaseSync(database) : openFile(database);
  try {
    makeSqliteTables(connection);
    connection.exec('PRAGMA journal_mode = WAL');
    connection.exec('PRAGMA synchronous = FULL');
  } catch (error) {
    connection.close();
    throw error;
  }
  return { ...connectionTo(connection), close: () => connection.close() };
}

function connectionTo(db: SqliteLike): Omit<SqliteConnection, 'close'> {
  return { run: sqliteStatements(db), atOnce: (work) => sqliteTransaction(db, work) };
}

/** Opens a file that nobody but its owner may read when it is made here; SQLite gives its other files the same mode. */
function openFile(path: string): DatabaseSync {
  try {
    // Only one that is new: closing any descriptor of a file ends the locks that the process has on it.
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // a link that leads nowhere: SQLite would make the file, for everybody to read
    statSync(path);
  }
  return new DatabaseSync(path);
}
