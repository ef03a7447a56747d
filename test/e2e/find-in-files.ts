import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { findTraces } from '../support/find-traces.ts';
import { logContents, tableContents } from '../support/leveldb.ts';
import { unpackSnappy } from '../support/snappy.ts';

/**
 * Where any of the secrets lies, in any encoding, in the files below a folder: in their bytes, and in what the databases of
 * browsers have packed or cut into pieces.
 */
export async function findInFiles(
  folder: string,
  secrets: readonly (string | Uint8Array)[],
): Promise<readonly string[]> {
  const traces: string[] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    // A file that a running program has just removed holds nothing any more.
    if (!(await stat(path).catch(() => undefined))?.isFile()) continue;
    const bytes = await readFile(path);
    traces.push(...findTraces(bytes, secrets).map((trace) => `${name}: ${trace}`));
    traces.push(...findTraces(unpackedOf(path, bytes), secrets).map((trace) => `${name}, unpacked: ${trace}`));
  }
  return traces;
}

function unpackedOf(path: string, bytes: Uint8Array): Uint8Array {
  if (/\.leveldb\/\d+\.log$/.test(path)) return logContents(bytes);
  if (/\.leveldb\/\d+\.ldb$/.test(path)) return Buffer.concat(tableContents(bytes));
  return /\/idb\/[^/]+\.sqlite$/.test(path) ? cellsOf(path) : new Uint8Array();
}

/** The values of all tables, which SQLite may have cut into pages, as they are and unpacked. */
function cellsOf(path: string): Uint8Array {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    const rows = tables.flatMap(({ name }) => {
      const all = database.prepare(`SELECT * FROM "${name}"`);
      all.setReadBigInts(true);
      return all.all();
    });
    const cells = rows.flatMap((row) => Object.values(row)).filter((cell) => cell instanceof Uint8Array);
    return Buffer.concat(cells.flatMap((cell) => [cell, unpackSnappy(cell) ?? new Uint8Array()]));
  } finally {
    database.close();
  }
}
