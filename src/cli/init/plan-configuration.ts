import { relative, resolve } from 'node:path';
import { migrationFiles } from '../project/package-migrations.ts';
import { placeholders } from '../project/placeholders.ts';
import type { Project } from '../project/project.ts';
import { secretNames } from '../project/secret-names.ts';
import { tableOf, tablesOf } from '../project/table.ts';
import { variableOf } from '../project/variable.ts';
import type { WranglerFile } from '../project/wrangler-file.ts';
import { addSettings } from './add-settings.ts';
import type { Addition } from './addition.ts';
import { byHand, changing, nothing, type Part } from './change.ts';

/** What the configuration lacks: a database, a cron, and the variables. Nothing that is set is set anew. */
export function planConfiguration(project: Project, config: WranglerFile & { readonly state: 'found' }): Part {
  const path = relative(project.folder, config.path);
  const additions = [variables(project), schedule(project), database(project)].filter((one) => one !== undefined);
  let text = config.text;
  const remarks = additions.flatMap((addition) => {
    const added = addSettings(text, config.format, addition);
    if (added !== undefined) {
      text = added;
      return [];
    }
    const message = `${addition.table} is written in a way that cannot be added to without touching it; add to it`;
    const lines = Object.entries(addition.values).map(([name, value]) =>
      config.format === 'toml' ? `${name} = ${JSON.stringify(value)}` : `"${name}": ${JSON.stringify(value)}`,
    );
    return byHand(path, message, lines).remarks;
  });
  const { changes } = text === config.text ? nothing : changing(path, config.text, text);
  return { changes, remarks };
}

/** The folder that the migrations go to. */
export function migrationsFolder(project: Project): string {
  const bound = databaseOf(project);
  if (bound !== undefined) return bound.migrationsFolder;
  const shared = resolve(project.folder, 'migrations');
  const isOurs = migrationFiles(shared).every(({ migration }) => migration !== undefined);
  const isBound = tablesOf(project.settings.d1_databases).some(
    ({ migrations_dir: folder }) =>
      resolve(project.folder, typeof folder === 'string' ? folder : 'migrations') === shared,
  );
  // what another database is made of must not be applied to ours
  return isOurs && !isBound ? shared : resolve(project.folder, 'tokenkeep-migrations');
}

/** The worker that `init` writes uses the binding DB and no other. */
function databaseOf({ database }: Project): Project['database'] {
  return database?.name === 'DB' ? database : undefined;
}

function database(project: Project): Addition | undefined {
  if (databaseOf(project) !== undefined) return undefined;
  const folder = relative(project.folder, migrationsFolder(project));
  return {
    table: 'd1_databases',
    isListed: true,
    values: {
      binding: 'DB',
      database_name: 'tokenkeep',
      database_id: placeholders.databaseId,
      migrations_dir: folder.replaceAll('\\', '/'),
    },
    comments: ['Where tokenkeep keeps sealed tokens. `npx wrangler d1 create tokenkeep` prints the id.'],
  };
}

function schedule({ settings }: Project): Addition | undefined {
  if (Object.hasOwn(tableOf(settings.triggers), 'crons')) return undefined;
  const values = { crons: ['*/5 * * * *'] };
  return { table: 'triggers', isListed: false, values, comments: ['tokenkeep deletes what has expired.'] };
}

function variables(project: Project): Addition | undefined {
  const wanted = { OAUTH_ISSUER: placeholders.issuer, OAUTH_CLIENT_ID: placeholders.clientId, OAUTH_SCOPE: scope };
  const values = Object.fromEntries(Object.entries(wanted).filter(([name]) => isUnset(project, name)));
  if (Object.keys(values).length === 0) return undefined;
  const comments = [
    'The authorization server, the id of this client there, and what to ask for.',
    'Secrets are never written here; set them with `npx wrangler secret put NAME`, and in .dev.vars for this machine:',
    ...Object.entries(secretNames).map(([name, what]) => `  ${name.padEnd(24)}${what}`),
  ];
  return { table: 'vars', isListed: false, values, comments };
}

const scope = 'openid offline_access';

/** An empty text is one that somebody has set. */
function isUnset(project: Project, name: string): boolean {
  return variableOf(project, name) === undefined && !Object.hasOwn(tableOf(project.settings.vars), name);
}
