import type { ClosableRecordBackend } from '../../core/record-backend.ts';
import { sqlRecords } from '../sql-records.ts';
import { sqliteDatabase } from './sqlite-database.ts';
import type { SqliteLike } from './sqlite-like.ts';

export type { SqliteLike, SqliteStatementLike } from './sqlite-like.ts';

/**
 * Keeps records in SQLite, by Node's own `node:sqlite`. Every operation is one statement, that of many writes one transaction, and claims go by the clock of
 * the machine, so that any number of its processes may share one file. A network file system does not keep them apart:
 * https://www.sqlite.org/useovernet.html.
 *
 * The first operation opens the database and makes the table `tokenkeep_record` in it, or brings it up to date, as the
 * files of `migrations/` do; other tables are left alone. While another process writes, an operation waits without
 * blocking the event loop, for about ten seconds at most, and then rejects with `E_STORAGE`.
 *
 * @param database where the records live:
 * - the path of a file, in a folder that exists. A file that is not there is made, and may be read and written by its
 *   owner only, like the `-wal` and `-shm` files beside it. It is put into WAL mode, and what was acknowledged outlives
 *   a loss of power (`synchronous = FULL`). Do not delete or replace the file while a process has it open: the process
 *   would not notice.
 * - `:memory:`, for what need not outlive the process.
 * - a `DatabaseSync` of the caller, for other settings or a database that is open already. Its settings are left as
 *   they are, and `close` does not close it. While a transaction is open on it operations wait for its end, because a
 *   rollback would take back what they have acknowledged.
 * @throws `E_CONFIG` when it is none of these. Operations reject with `E_CONFIG` when the file cannot be opened for
 * writing or is not a database, or when it has a table of that name that is not tokenkeep's; nothing is changed then.
 */
export function sqliteBackend(database: string | SqliteLike): ClosableRecordBackend {
  const db = sqliteDatabase(database);
  return { ...sqlRecords(db), close: db.close };
}
