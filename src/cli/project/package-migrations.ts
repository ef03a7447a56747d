import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readText } from './read-text.ts';

/** A migration that comes with tokenkeep. */
export interface PackageMigration {
  /** Such as `records`, of `0001_records.sql`. */
  readonly name: string;
  readonly text: string;
}

/** A file of a project's migrations folder. */
export interface MigrationFile {
  readonly name: string;
  /** The number that the name begins with, by which wrangler orders the files; `NaN` when there is none. */
  readonly number: number;
  /** The migration of tokenkeep that it is, or was made of; absent for one of the project's own. */
  readonly migration?: PackageMigration;
  /** Whether it differs from that migration. */
  readonly isAltered: boolean;
}

/** The migrations of this package, in the order in which they are applied. */
export function packageMigrations(): readonly PackageMigration[] {
  const folder = fileURLToPath(new URL('../../../migrations/', import.meta.url));
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'));
  return files.sort().map((file) => ({
    name: file.replace(/^\d+_|\.sql$/g, ''),
    text: readFileSync(join(folder, file), 'utf8'),
  }));
}

/** The migrations that a project has, in the order in which wrangler applies them. Other line ends make no difference. */
export function migrationFiles(folder: string): readonly MigrationFile[] {
  const known = packageMigrations();
  return sqlFiles(folder)
    .map((name): MigrationFile => {
      const number = Number.parseInt(name, 10);
      const read = readText(join(folder, name));
      const text = typeof read === 'object' ? read.text : '';
      const same = known.find((migration) => plain(migration.text) === plain(text));
      if (same !== undefined) return { name, number, migration: same, isAltered: false };
      const altered = known.find((migration) => name.replace(/^\d+_(tokenkeep_)?|\.sql$/g, '') === migration.name);
      const isOurs = altered !== undefined && (/^\d+_tokenkeep_/.test(name) || text.includes('tokenkeep_record'));
      return { name, number, ...(isOurs && { migration: altered }), isAltered: isOurs };
    })
    .sort((left, right) => left.number - right.number || (left.name < right.name ? -1 : 1));
}

function sqlFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.sql') && !name.startsWith('.'));
  } catch {
    return [];
  }
}

function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').trim();
}
