import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * The names of the migrations that wrangler has applied to each of a project's local databases. Works without wrangler and
 * without starting anything; nothing is changed.
 *
 * @param table in which wrangler notes them.
 */
export function appliedMigrations(folder: string, table: string): readonly ReadonlySet<string>[] | 'unreadable' {
  try {
    return databaseFiles(join(folder, '.wrangler/state/v3/d1')).map((path) => applied(path, table));
  } catch {
    return 'unreadable';
  }
}

/** One for each database, in a folder for each kind of object. */
function databaseFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const kinds = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return kinds.flatMap(({ name: kind }) => {
    const names = readdirSync(join(folder, kind)).filter((name) => /^(?!metadata\.)[\w-]+\.sqlite$/.test(name));
    return names.map((name) => join(folder, kind, name));
  });
}

function applied(path: string, table: string): ReadonlySet<string> {
  // not `readOnly`: such a connection leaves the -wal and -shm files behind that it had to make
  const database = new DatabaseSync(path, { timeout: 1_000 });
  try {
    database.exec('PRAGMA query_only = ON');
    const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table);
    if (isThere === undefined) return new Set();
    const rows = database.prepare(`SELECT name FROM "${table.replaceAll('"', '""')}"`).all();
    return new Set(rows.map(({ name }) => String(name)));
  } finally {
    database.close();
  }
}
