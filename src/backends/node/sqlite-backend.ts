import type { ClosableRecordBackend } from '../../core/record-backend.ts';
import { sqlRecords } from '../sql-records.ts';
import { sqliteDatabase } from './sqlite-database.ts';
import type { SqliteLike } from './sqlite-like.ts';

export type { SqliteLike, SqliteStatementLike } from './sqlite-like.ts';

/**
 * Keeps records in SQLite, by Node's own `node:sqlite`. Every operation is one statement, and claims go by the clock of the
 * machine, so that any number of processes on it may share one file. A network file system does not keep them apart: see
 * https://www.sqlite.org/useovernet.html.
 *
 * The first operation opens the database and makes the table `tokenkeep_record` in it, or brings it up to date; other
 * tables are left alone. While another process writes, an operation waits without blocking the event loop, for about five
 * seconds at most.
 *
 * @param database where the records live:
 * - the path of a file. It is made if there is none, readable and writable for its owner only, and as its `-wal` and
 *   `-shm` files; its folder has to exist. The database is put into WAL mode, and what was acknowledged outlives a crash of the
 *   machine (`synchronous = FULL`).
 * - `:memory:`, for what need not outlive the process.
 * - a `DatabaseSync` of the caller, for other settings than these or a database that is open already. Its settings are left as
 *   they are, and it stays the caller's: `close` does not close it. While it is inside a transaction operations wait
 *   for its end, because a rollback would take back what they have acknowledged.
 * @throws `E_CONFIG` when it is none of these. Operations reject with `E_CONFIG` when the file cannot be opened for writing or is
 * not a database, or when there is a table of that name that is not tokenkeep's; nothing is changed then.
 */
export function sqliteBackend(database: string | SqliteLike): ClosableRecordBackend {
  const { run, close } = sqliteDatabase(database);
  return { ...sqlRecords(run), close };
}
