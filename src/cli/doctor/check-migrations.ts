import { packageMigrations } from '../project/package-migrations.ts';
import type { Project } from '../project/project.ts';
import { variableOf } from '../project/variable.ts';
import { wranglerCommand } from '../project/wrangler-command.ts';
import { appliedMigrations } from './applied-migrations.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const check = 'migrations';

/** Whether the tables of tokenkeep will be made as tokenkeep knows them, and whether they are made on this machine. */
export function checkMigrations(project: Project): Finding[] {
  const { database } = project;
  if (database === undefined || variableOf(project, 'TOKEN_BACKEND')?.value === 'kv') return [];
  const known = packageMigrations();
  const own = database.migrations.filter(({ migration }) => migration !== undefined);
  const missing = known.filter(({ name }) => !own.some(({ migration }) => migration?.name === name));
  const rank = (name: string | undefined): number => known.findIndex((migration) => migration.name === name);
  const isSorted = own.every(
    ({ migration }, n) => n === 0 || rank(own[n - 1]?.migration?.name) < rank(migration?.name),
  );
  if (own.some(({ isAltered }) => isAltered)) {
    const message =
      "a migration of tokenkeep's was altered; take the one of the package, and put changes into a new file";
    return [problem(check, message)];
  }
  if (own.length === 0) return [problem(check, 'migrations_dir has none of the tables of tokenkeep', init)];
  if (missing.length > 0) {
    return [problem(check, `migrations_dir lacks ${missing.length} of tokenkeep's ${known.length} migrations`, init)];
  }
  if (!isSorted) {
    return [
      problem(check, "tokenkeep's migrations are there twice or in another order; number them as in the package"),
    ];
  }
  return [ok(check, "migrations_dir has tokenkeep's migrations, unaltered"), checkLocalState(project)];
}

const init = 'npx tokenkeep init';

function checkLocalState(project: Project): Finding {
  const { folder, database, environment } = project;
  const binding = /^[A-Z][A-Z0-9_]{0,30}$/.test(database?.name ?? '') ? database?.name : 'DB';
  const apply = wranglerCommand(project, `d1 migrations apply ${binding} --local`);
  const about = 'local-database';
  const applied = appliedMigrations(folder, database?.migrationsTable ?? '');
  const where = environment === undefined ? '' : ' (of any environment)';
  const files = database?.migrations.filter(({ migration }) => migration !== undefined) ?? [];
  if (applied === 'unreadable') {
    return warning(about, 'the local databases could not be read; stop wrangler dev, and look again');
  }
  if (applied.some((names) => files.every(({ name }) => names.has(name)))) {
    return ok(about, `a local database${where} has the tables`);
  }
  return warning(about, `no local database${where} has the tables, so that wrangler dev would fail; make them`, apply);
}
