import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { memoryBackend } from '../backends/memory-backend.ts';
import { fileBackend } from '../backends/node/file-backend.ts';
import { sqliteError } from '../backends/node/sqlite-error.ts';
import type { ClosableRecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { Place } from './place.ts';
import { withMysql } from './with-mysql.ts';

/** How a target is opened. */
export interface TargetOptions {
  /** Of the database's user. */
  readonly password: string;
  /** Whether it will be written. Otherwise it is not changed, and not even a table made. */
  readonly write: boolean;
}

/** The backend that a place names. */
export async function openTarget(place: Place, { password, write }: TargetOptions): Promise<ClosableRecordBackend> {
  if (place.kind === 'file') return fileBackend(place.path);
  if (place.kind === 'sqlite') return openSqlite(place.path, write);
  const { table } = place;
  const server = { ...place.server, password };
  const { mysqlBackend } = await withMysql(() => import('../backends/node/mysql-backend.ts'));
  // made in a dry run as well, since it refuses what cannot be the name of a table; it connects only when it is used
  const backend = mysqlBackend({ ...server, table });
  if (write) return backend;
  const { mysqlHasTable } = await import('./mysql-has-table.ts');
  return (await mysqlHasTable(server, table)) ? backend : nothing();
}

/** A target before its first write. */
function nothing(): ClosableRecordBackend {
  return { ...memoryBackend(), close: async () => undefined };
}

async function openSqlite(path: string, write: boolean): Promise<ClosableRecordBackend> {
  const [{ DatabaseSync }, { sqliteBackend }] = await Promise.all([
    import('node:sqlite'),
    import('../backends/node/sqlite-backend.ts'),
  ]);
  if (write) return sqliteBackend(path);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) return nothing();
    throw new TokenkeepError('E_CONFIG', 'the folder of the file does not exist; create it, or choose another path');
  }
  try {
    // not `readOnly`: such a connection leaves the -wal and -shm files behind that it had to make
    const database = new DatabaseSync(path, { timeout: 1_000 });
    const close = async (): Promise<void> => database.close();
    database.exec('PRAGMA query_only = ON');
    const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'tokenkeep_record'").get();
    return { ...(table === undefined ? nothing() : sqliteBackend(database)), close };
  } catch (error) {
    throw sqliteError(error);
  }
}
