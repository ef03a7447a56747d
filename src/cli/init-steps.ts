import type { InitPlan } from './init/plan-init.ts';
import { placeholders } from './project/placeholders.ts';
import { tableOf } from './project/table.ts';
import { wranglerCommand } from './project/wrangler-command.ts';
import { environmentNames } from './project/wrangler-environment.ts';

/** What is left to do after `tokenkeep init`. */
export interface InitStep {
  readonly message: string;
  readonly commands: readonly string[];
}

/** What only the owner of a project can do, in the order in which it is to be done. */
export function initSteps({ project }: InitPlan): readonly InitStep[] {
  const { manifest, database, config } = project;
  const { dependencies, devDependencies } = manifest;
  const installed = { ...tableOf(devDependencies), ...tableOf(dependencies) };
  const missing = ['tokenkeep', 'hono'].filter((name) => !Object.hasOwn(installed, name) && manifest.name !== name);
  const hasDatabase = database?.name === 'DB' && database.databaseId !== placeholders.databaseId;
  const command = (text: string): string => wranglerCommand(project, text);
  const environments = config.state === 'found' ? environmentNames(config.values) : [];
  return [
    ...step(missing.length > 0, 'install what the worker imports', `npm install ${missing.join(' ')}`),
    ...step(!hasDatabase, 'create the database, and write its id into database_id', command('d1 create tokenkeep')),
    ...step(true, 'set OAUTH_ISSUER and OAUTH_CLIENT_ID to what the authorization server has given you'),
    ...step(
      true,
      'register the redirect URLs there: https://YOUR-WORKER/auth/callback and http://localhost:8787/auth/callback',
    ),
    ...step(
      true,
      'make the tables, here and at Cloudflare',
      command('d1 migrations apply DB --local'),
      command('d1 migrations apply DB --remote'),
    ),
    ...step(
      true,
      'set the secrets of the deployed worker; a public client has no OAUTH_CLIENT_SECRET',
      `npx tokenkeep keygen | ${command('secret put TOKENKEEP_KEYRING')}`,
      command('secret put OAUTH_CLIENT_SECRET'),
    ),
    ...step(environments.length > 0, 'give each environment of wrangler a database, variables and secrets of its own'),
    ...step(true, 'look whether all is well', 'npx tokenkeep doctor'),
  ];
}

function step(isNeeded: boolean, message: string, ...commands: readonly string[]): readonly InitStep[] {
  return isNeeded ? [{ message, commands }] : [];
}
