import { dirname, resolve } from 'node:path';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { PlaceSettings } from './place-settings.ts';
import { type Table, tablesOf } from './project/table.ts';
import { environmentNames, inEnvironment } from './project/wrangler-environment.ts';
import { findWranglerFile, readWranglerFile } from './project/wrangler-file.ts';

/** What it takes to reach one D1 database of a project. */
export interface D1Settings {
  /** The folder of the project's settings file. */
  readonly folder: string;
  /** A settings file for wrangler that names this database and nothing else. */
  readonly settings: Table;
}

const refused = (what: string): TokenkeepError => new TokenkeepError('E_CONFIG', what);

/**
 * Takes what concerns one D1 database from the settings of a project.
 *
 * With `remote` the database is that of `database_id`, as for `wrangler d1 execute --remote`; else the local one, also where
 * the file says `remote = true`.
 *
 * @throws `E_CONFIG` when there is no such file, or it does not name the database; nothing that it holds is quoted but the
 * names of bindings.
 */
export function d1Settings(binding: string, { config, env, remote = false }: PlaceSettings): D1Settings {
  const path = config === undefined ? findWranglerFile(process.cwd()) : resolve(config);
  const file = readWranglerFile(path);
  if (file.state === 'absent') {
    throw refused('there is no wrangler.toml or wrangler.jsonc; go to the project, or name it with --config');
  }
  if (file.state === 'broken') {
    const where = file.line === undefined ? 'give the right to read it' : `look at line ${file.line}`;
    throw refused(`the settings file of wrangler cannot be read; ${where}`);
  }
  if (env !== undefined && !environmentNames(file.values).includes(env)) {
    throw refused('the settings of wrangler have no environment of that name; check --env');
  }
  const { d1_databases, account_id, compliance_region } = inEnvironment(file.values, env);
  const databases = tablesOf(d1_databases);
  const database = databases.find((entry) => entry.binding === binding);
  if (database === undefined) {
    const names = databases.map((entry) => entry.binding).filter((name) => /^[\w$]{1,64}$/.test(String(name)));
    const known = names.length === 0 ? 'they name none' : `they name ${names.join(', ')}`;
    const inherited = env === undefined ? '' : ', and an environment does not take over those at the top';
    throw refused(`the settings of wrangler name no such D1 database; ${known}${inherited}`);
  }
  const { preview_database_id: preview, ...whole } = database;
  if (remote && typeof whole.database_id !== 'string') {
    throw refused('the settings of wrangler name no database_id; npx wrangler d1 list prints it');
  }
  return {
    folder: dirname(file.path),
    settings: {
      // not that of the project's worker, whose secrets a preview of the same name would get
      name: 'tokenkeep-command-line',
      // one that any wrangler knows
      compatibility_date: '2025-01-01',
      ...(account_id !== undefined && { account_id }),
      ...(compliance_region !== undefined && { compliance_region }),
      d1_databases: [{ ...whole, ...(!remote && preview !== undefined && { preview_database_id: preview }), remote }],
    },
  };
}
