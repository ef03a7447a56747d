import { join, relative } from 'node:path';
import { migrationFiles, packageMigrations } from '../project/package-migrations.ts';
import { byHand, nothing, type Part } from './change.ts';

/**
 * The migrations of tokenkeep that a folder lacks, numbered behind those that are there.
 *
 * @param project absolute, like the folder of its migrations.
 */
export function planMigrations(project: string, folder: string): Part {
  const present = migrationFiles(folder);
  const known = packageMigrations();
  const isThere = (name: string): boolean => present.some(({ migration }) => migration?.name === name);
  const altered = present.find(({ isAltered }) => isAltered);
  if (altered !== undefined) {
    const message = "this migration of tokenkeep's was altered; put your changes into a file of their own";
    return byHand(relative(project, join(folder, altered.name)), message);
  }
  const missing = known.filter(({ name }) => !isThere(name));
  if (missing.length === 0) return nothing;
  if (known.slice(-missing.length)[0] !== missing[0]) {
    const message =
      "some of tokenkeep's migrations are missing before others; take all of them out, and run this again";
    return byHand(relative(project, folder), message);
  }
  const last = Math.max(0, ...present.map(({ number }) => number).filter(Number.isSafeInteger));
  const changes = missing.map(({ name, text }, n) => ({
    path: relative(project, join(folder, `${String(last + n + 1).padStart(4, '0')}_tokenkeep_${name}.sql`)),
    after: text,
    isSecret: false,
  }));
  return { changes, remarks: [] };
}
