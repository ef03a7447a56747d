import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Everything in the rows of all SQLite databases below a folder, one value after the other: a file search alone would miss
 * a long value that SQLite has divided among pages.
 */
export async function storedRows(folder: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.sqlite')) continue;
    const database = new DatabaseSync(join(folder, name), { readOnly: true });
    for (const { table } of database.prepare("SELECT name AS 'table' FROM sqlite_schema WHERE type = 'table'").all()) {
      for (const row of database.prepare(`SELECT * FROM "${table}"`).all()) {
        for (const value of Object.values(row)) {
          chunks.push(value instanceof Uint8Array ? value : Buffer.from(`${value}\n`));
        }
      }
    }
    database.close();
  }
  return Buffer.concat(chunks);
}
