import { dirname, resolve } from 'node:path';
import { type MigrationFile, migrationFiles } from './package-migrations.ts';
import { type Table, tablesOf } from './table.ts';

/** The database that tokenkeep's records are in. */
export interface D1Binding {
  /** Under which the worker sees it. */
  readonly name: string;
  readonly databaseId: unknown;
  /** Absolute. */
  readonly migrationsFolder: string;
  readonly migrations: readonly MigrationFile[];
  /** The table in which wrangler notes what it has applied. */
  readonly migrationsTable: string;
}

/** The D1 bindings of a configuration, each with the migrations that wrangler would apply to it. */
export function d1Bindings(settings: Table, configPath: string): readonly D1Binding[] {
  return tablesOf(settings.d1_databases).flatMap((table) => {
    const { binding, migrations_dir: folder, migrations_table: notes } = table;
    if (typeof binding !== 'string') return [];
    const migrationsFolder = resolve(dirname(configPath), typeof folder === 'string' ? folder : 'migrations');
    return {
      name: binding,
      databaseId: table.database_id,
      migrationsFolder,
      migrations: migrationFiles(migrationsFolder),
      migrationsTable: typeof notes === 'string' ? notes : 'd1_migrations',
    };
  });
}

/** The binding that tokenkeep uses: the one named DB, else the one with its migrations, else the only one. */
export function chooseD1Binding(bindings: readonly D1Binding[]): D1Binding | undefined {
  const [first, second] = bindings;
  return (
    bindings.find(({ name }) => name === 'DB') ??
    bindings.find(({ migrations }) => migrations.some(({ migration }) => migration !== undefined)) ??
    (second === undefined ? first : undefined)
  );
}
