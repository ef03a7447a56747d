import { DatabaseSync } from 'node:sqlite';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { databaseRow } from './database-row.ts';
import { tableColumns } from './source-columns.ts';
import { sourceFileState } from './source-file-state.ts';
import type { SourceRow } from './source-row.ts';

/** How long to wait for another process that has the database locked. */
const patienceMs = 1_000;

/**
 * The rows of the table `oauthtoken` in an SQLite file, as Zoho's sample of a store of one's own makes it, numbered in the
 * order of their ids. The file is opened for reading only.
 *
 * @throws `E_CONFIG` when there is no such file or table, `E_STORAGE` when the database is locked or damaged.
 */
export async function* readSqliteStore(path: string): AsyncGenerator<SourceRow, void, undefined> {
  await sourceFileState(path);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: patienceMs });
    const found = database.prepare("SELECT name FROM pragma_table_info('oauthtoken')").all();
    const columns = tableColumns(found.map(({ name }) => String(name)));
    if (columns === undefined) throw noTable(found.length > 0);
    // as bytes: a text that is not UTF-8 would come with replacement characters, and a number in the form of its type
    const list = columns.map(({ name }) => `CAST("${name}" AS BLOB)`).join();
    const rows = database.prepare(`SELECT ${list} FROM oauthtoken ORDER BY id`);
    rows.setReturnArrays(true);
    let number = 0;
    for (const values of rows.iterate() as Iterable<unknown>) {
      number++;
      yield databaseRow(number, columns, values as (Uint8Array | null)[]);
    }
  } catch (error) {
    throw sourceError(error);
  } finally {
    database?.close();
  }
}

function noTable(other: boolean): TokenkeepError {
  return new TokenkeepError(
    'E_CONFIG',
    other
      ? "the table oauthtoken of this database has other columns than Zoho's; name the database of the application"
      : 'the database has no table oauthtoken; name the database of the application',
  );
}

/** What to throw in place of an error of `node:sqlite`. The numbers are those of https://www.sqlite.org/rescode.html. */
function sourceError(error: unknown): TokenkeepError {
  if (error instanceof TokenkeepError) return error;
  const primary = (Number(Object(error).errcode) || 0) % 256;
  if (primary === 26) {
    return new TokenkeepError('E_CONFIG', 'this is not an SQLite database; leave out sqlite: for a FileStore');
  }
  if (primary === 5 || primary === 6) {
    return new TokenkeepError('E_STORAGE', 'the database is locked by another process; let that end, then try again');
  }
  if (primary === 11) return new TokenkeepError('E_STORAGE', 'the database is damaged; restore it from a backup');
  return new TokenkeepError(
    'E_STORAGE',
    'the database cannot be read; check who may read the file and its folder, then try again',
  );
}
