import { DatabaseSync } from 'node:sqlite';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { recordMigrations } from './record-migrations.ts';
import type { SqliteLike } from './sqlite-like.ts';

/** What makes the table what it is: its columns, and what must be unique. Further indexes are its owner's affair. */
const shape = [
  `SELECT name, type, "notnull", pk FROM pragma_table_info('tokenkeep_record') ORDER BY name`,
  `SELECT "partial", (SELECT json_group_array(name) FROM pragma_index_info(list.name)) AS columns
  FROM pragma_index_list('tokenkeep_record') AS list WHERE "unique" ORDER BY columns`,
];

const shapeOf = (db: SqliteLike): string => JSON.stringify(shape.map((sql) => db.prepare(sql).all({})));

/** What the table looks like without any migration, with the first, with the first two, and so on. */
function shapesOfMigrations(): readonly string[] {
  const sample = new DatabaseSync(':memory:');
  const shapes = [shapeOf(sample)];
  for (const migration of recordMigrations) {
    sample.exec(migration);
    shapes.push(shapeOf(sample));
  }
  sample.close();
  return shapes;
}

/**
 * Makes the tables of `migrations/` in a database that has none of them or not all, in one transaction. How far it has
 * come is read from the table itself, because whoever made it need not have left a note.
 *
 * @throws `E_CONFIG` when there is a table of that name, and no migration leaves it so.
 */
export function makeSqliteTables(db: SqliteLike): void {
  const shapes = shapesOfMigrations();
  const missing = (): readonly string[] => {
    const applied = shapes.indexOf(shapeOf(db));
    if (applied >= 0) return recordMigrations.slice(applied);
    throw new TokenkeepError(
      'E_CONFIG',
      'the database has another table tokenkeep_record than this version makes; name another database, or update',
    );
  };

  if (missing().length === 0) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    // once more: another process may have made them meanwhile
    for (const migration of missing()) db.exec(migration);
    db.exec('COMMIT');
  } catch (error) {
    try {
      db.exec('ROLLBACK');
    } catch {
      // SQLite has done so by itself, as it does without room
    }
    throw error;
  }
}
