import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileBackend } from '../backends/node/file-backend.ts';
import { sqliteError } from '../backends/node/sqlite-error.ts';
import type { ClosableRecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { MysqlPlace, Place } from './place.ts';
import type { PlaceSettings } from './place-settings.ts';
import { withMysql } from './with-mysql.ts';

/** How a place is opened. */
export interface OpenOptions extends PlaceSettings {
  /** Of the database's user. */
  readonly password: string;
  /** `look` changes nothing, `change` only records; `make` also makes the file or the table where there is none. */
  readonly access: 'look' | 'change' | 'make';
}

/** The backend that a place names; `undefined` where nothing is there and nothing is to be made. */
export async function openPlace(place: Place, options: OpenOptions): Promise<ClosableRecordBackend | undefined> {
  switch (place.kind) {
    case 'file':
      return options.access === 'make' || isThere(place.path) ? fileBackend(place.path) : undefined;
    case 'sqlite':
      return openSqlite(place.path, options.access);
    case 'mysql':
      return openMysql(place, options);
    case 'd1': {
      const { openD1 } = await import('./open-d1.ts');
      return openD1(place.binding, options);
    }
  }
}

function isThere(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return true;
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) return false;
  throw new TokenkeepError('E_CONFIG', 'the folder of the file does not exist; create it, or choose another path');
}

async function openMysql(place: MysqlPlace, { password, access }: OpenOptions) {
  const { table } = place;
  const server = { ...place.server, password };
  const { mysqlBackend } = await withMysql(() => import('../backends/node/mysql-backend.ts'));
  // made in any case, since it refuses what cannot be the name of a table; it connects only when it is used
  const backend = mysqlBackend({ ...server, table });
  if (access === 'make') return backend;
  const { mysqlHasTable } = await import('./mysql-has-table.ts');
  return (await mysqlHasTable(server, table)) ? backend : undefined;
}

async function openSqlite(path: string, access: OpenOptions['access']): Promise<ClosableRecordBackend | undefined> {
  const [{ DatabaseSync }, { sqliteBackend }] = await Promise.all([
    import('node:sqlite'),
    import('../backends/node/sqlite-backend.ts'),
  ]);
  if (access === 'make') return sqliteBackend(path);
  if (!isThere(path)) return undefined;
  try {
    // not `readOnly`: such a connection leaves the -wal and -shm files behind that it had to make
    const database = new DatabaseSync(path, { timeout: 1_000 });
    database.exec('PRAGMA query_only = ON');
    const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'tokenkeep_record'").get();
    if (table !== undefined && access === 'look') {
      return { ...sqliteBackend(database), close: async () => database.close() };
    }
    database.close();
    return table && sqliteBackend(path);
  } catch (error) {
    throw sqliteError(error);
  }
}
