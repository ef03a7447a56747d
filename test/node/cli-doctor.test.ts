import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { examine } from '../../src/cli/doctor/examine.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { gitIn, type ProjectFiles, soundFiles, soundSettings, workerProject } from '../support/worker-project.ts';

type Settings = Record<string, unknown>;

const sentinel = 'sentinel-of-a-value';
const leaked = await generateKeyring();
const [, secretKey = ''] = /"k":"([^"]+)"/.exec(leaked) ?? [];
const { vars, d1_databases } = soundSettings;
const [database] = d1_databases;

/** A project with one thing that is not as it should be. */
function projectWith(settings: Settings = {}, files: ProjectFiles = {}): string {
  const text = JSON.stringify({ ...soundSettings, ...settings });
  return workerProject({ ...soundFiles, 'wrangler.jsonc': text, ...files });
}

/** What the checks say that are not in order. */
async function complaints(folder: string, environment?: string): Promise<string[]> {
  const findings = await examine({ folder, remote: false, environment });
  const text = JSON.stringify(findings);
  for (const secret of [sentinel, secretKey]) expect(text).not.toContain(secret);
  return findings.filter(({ status }) => status !== 'ok').map(({ status, check }) => `${status} ${check}`);
}

const vary = (more: Settings): Settings => ({ vars: { ...vars, ...more } });
const onlyLocalDatabase = 'warning local-database';

describe('the doctor of a project', () => {
  test('finds nothing wrong where all is in order', async () => {
    const folder = projectWith();
    expect(await complaints(folder)).toEqual([onlyLocalDatabase]);
    const state = join(folder, '.wrangler/state/v3/d1/miniflare-D1DatabaseObject');
    mkdirSync(state, { recursive: true });
    const local = new DatabaseSync(join(state, 'abc.sqlite'));
    local.exec('CREATE TABLE d1_migrations (name TEXT)');
    local.exec("INSERT INTO d1_migrations VALUES ('0001_records.sql')");
    expect(await complaints(folder)).toEqual([onlyLocalDatabase]);
    for (const path of Object.keys(soundFiles)) {
      if (path.startsWith('sql/')) local.prepare('INSERT INTO d1_migrations VALUES (?)').run(path.slice(4));
    }
    local.close();
    new DatabaseSync(join(state, 'def.sqlite')).close(); // of another binding
    expect(await complaints(folder)).toEqual([]);
  });

  test.each<[check: string, settings: Settings, files?: ProjectFiles]>([
    ['problem main', { main: undefined }],
    ['problem main', { main: `src/${sentinel}.ts` }],
    ['problem main', { main: 'src' }],
    ['problem compatibility-date', { compatibility_date: undefined }],
    ['problem compatibility-date', { compatibility_date: 20261101 }],
    ['problem compatibility-date', { compatibility_date: '2022-03-01' }],
    ['warning compatibility-date', { compatibility_date: '2023-03-01' }],
    ['problem compatibility-flags', { compatibility_flags: ['url_original'] }],
    ['warning compatibility-flags', { compatibility_flags: ['no_handle_cross_request_promise_resolution'] }],
    ['problem backend', vary({ TOKEN_BACKEND: sentinel })],
    ['problem backend', vary({ OAUTH_ROTATION: sentinel })],
    ['problem kv-binding', vary({ TOKEN_BACKEND: 'd1+kv' })],
    ['problem kv-id', { ...vary({ TOKEN_BACKEND: 'd1+kv' }), kv_namespaces: [{ binding: 'KV', id: '0'.repeat(32) }] }],
    ['problem d1-id', { d1_databases: [{ ...database, database_id: '00000000-0000-0000-0000-000000000000' }] }],
    ['problem d1-id', { d1_databases: [{ ...database, database_id: `<${sentinel}>` }] }],
    ['warning d1-binding', { d1_databases: [{ ...database, binding: 'TOKENS' }] }],
    ['problem issuer', vary({ OAUTH_ISSUER: undefined })],
    ['problem issuer', vary({ OAUTH_ISSUER: `http://${sentinel}.example` })],
    ['problem issuer', vary({ OAUTH_ISSUER: `https://me:${sentinel}@example.com` })],
    ['warning issuer', vary({ OAUTH_ISSUER: 'http://localhost:9000' })],
    ['problem issuer', vary({ OAUTH_ISSUER: 'https://authorization-server.example' })],
    ['problem client-id', vary({ OAUTH_CLIENT_ID: '' })],
    ['problem client-id', vary({ OAUTH_CLIENT_ID: 5 })],
    ['problem client-id', vary({ OAUTH_CLIENT_ID: 'your-client-id' })],
    ['problem api-origin', vary({ API_ORIGIN: 'ftp://example.com' })],
    ['problem api-origin', vary({ API_ORIGIN: `https://example.com/?key=${sentinel}` })],
    ['problem public-origin', vary({ PUBLIC_ORIGIN: 'https://app.workers.dev/' })],
    ['problem public-origin', vary({ PUBLIC_ORIGIN: 'http://localhost' })],
    ['problem demo', vary({ DEMO: 'on' })],
    ['warning schedule', { triggers: { crons: [] } }],
    ['problem schedule', { ...vary({ KEEP_FRESH: 'on' }), triggers: undefined }],
    ['warning addresses', { routes: ['app.example.com/*'] }],
    ['warning addresses', { ...vary({ PUBLIC_ORIGIN: 'https://app.example.com' }), workers_dev: undefined }],
    ['warning addresses', { preview_urls: true }],
    ['warning assets', { assets: { directory: 'public' } }],
    ['problem assets', { assets: { directory: 'public', not_found_handling: 'single-page-application' } }],
    ['problem assets', { assets: { run_worker_first: ['/auth/*'], not_found_handling: '404-page' } }],
    ['warning assets', { assets: { run_worker_first: ['/*', '!/api/*'] } }],
    ['warning logs', { observability: { enabled: true } }],
    ['problem secrets-in-config', vary({ OAUTH_CLIENT_SECRET: sentinel })],
    ['problem secrets-in-config', vary({ KEYS: leaked })],
    ['problem secrets-in-config', vary({ KEYS: JSON.parse(leaked) as unknown })],
    ['problem secrets-in-config', { env: { live: { vars: { TOKENKEEP_KEYRING: sentinel } } } }],
    ['problem secrets-in-config', { note: leaked }],
    ['warning secrets-in-config', vary({ STRIPE_API_KEY: sentinel })],
    ['problem keyring', {}, { '.dev.vars': `TOKENKEEP_KEYRING='${leaked.replace('"v":1', '"v":2')}'\n` }],
    ['problem keyring', {}, { '.dev.vars': `TOKENKEEP_KEYRING='${sentinel}'\n` }],
    ['warning keyring', {}, { '.dev.vars': 'OTHER=1\n' }],
    ['problem administration', {}, { '.dev.vars': `${soundFiles['.dev.vars']}TOKENKEEP_ADMIN_SECRET=${sentinel}\n` }],
    ['problem git', {}, { '.gitignore': 'node_modules\n' }],
    ['problem tokenkeep', {}, { 'package.json': '{"name":"site"}' }],
  ])('%s: %j', async (check, settings, files) => {
    const found = await complaints(projectWith(settings, files));
    expect(new Set(found)).toEqual(new Set([check, onlyLocalDatabase]));
  });

  test('accepts what is meant so', async () => {
    const sound: readonly Settings[] = [
      { ...vary({ TOKEN_BACKEND: 'd1+kv' }), kv_namespaces: [{ binding: 'KV', id: 'a1'.repeat(16) }] },
      { d1_databases: [{ ...database, database_id: undefined }] },
      { routes: [{ pattern: 'app.example.com', custom_domain: true }], workers_dev: false, preview_urls: false },
      { assets: { directory: 'public', run_worker_first: ['/auth/*', '/api/*'], not_found_handling: '404-page' } },
      { assets: { directory: 'public', run_worker_first: true } },
      { observability: { enabled: true, logs: { enabled: true, invocation_logs: false } } },
      { compatibility_date: '2022-01-01', compatibility_flags: ['url_standard'], notused: 1 },
    ];
    for (const settings of sound.slice(0, -1)) {
      expect(await complaints(projectWith(settings))).toEqual([onlyLocalDatabase]);
    }
    expect(await complaints(projectWith(sound.at(-1)))).toEqual(['warning compatibility-date', onlyLocalDatabase]);
  });
});

describe('the doctor reads as wrangler does', () => {
  test('an environment inherits the module and the crons, and neither variables nor bindings', async () => {
    const folder = projectWith({ env: { live: {}, whole: { vars, d1_databases } } });
    expect(await complaints(folder, 'live')).toEqual(['problem d1-binding', 'problem issuer', 'problem client-id']);
    expect(await complaints(folder, 'whole')).toEqual([onlyLocalDatabase]);
    expect(await complaints(folder, 'absent')).toEqual(['problem config']);
    expect(await complaints(folder, 'constructor')).toEqual(['problem config']);
  });

  test('the .dev.vars of an environment instead of the common one, and .env files only without either', async () => {
    const env = { env: { live: { vars, d1_databases } } };
    const good = soundFiles['.dev.vars'];
    const folder = projectWith(env, { '.gitignore': '.dev.vars*\n.env*\n', '.dev.vars': 'TOKENKEEP_KEYRING=x\n' });
    expect(await complaints(folder, 'live')).toEqual([onlyLocalDatabase, 'problem keyring']);
    const own = projectWith(env, { '.gitignore': '.dev.vars*\n', '.dev.vars': 'A=1', '.dev.vars.live': good });
    expect(await complaints(own, 'live')).toEqual([onlyLocalDatabase]);
    expect(await complaints(own)).toEqual([onlyLocalDatabase, 'warning keyring']);
    const dotEnv = projectWith(
      {},
      { '.dev.vars': undefined, '.gitignore': '.env*\n', '.env': 'A=1', '.env.local': good },
    );
    chmodSync(join(dotEnv, '.env.local'), 0o600);
    expect(await complaints(dotEnv)).toEqual([onlyLocalDatabase]);
  });

  test('JSON before TOML, here or above', async () => {
    const folder = projectWith({}, { 'wrangler.toml': 'broken =', 'apps/site/readme.txt': '' });
    expect(await complaints(join(folder, 'apps/site'))).toEqual([onlyLocalDatabase]);
    rmSync(join(folder, 'wrangler.jsonc'));
    expect(await complaints(folder)).toEqual(['problem config']);
  });
});

describe('the doctor looks at the migrations', () => {
  const [first = '', second = ''] = Object.keys(soundFiles).filter((path) => path.startsWith('sql/'));
  const migrations = (files: ProjectFiles): Promise<string[]> => complaints(projectWith({}, files));

  test.each<[what: string, files: ProjectFiles]>([
    ['none are there', { [first]: undefined, [second]: undefined }],
    ['one is missing', { [second]: undefined }],
    ['one was altered', { [first]: `${soundFiles[first]}-- ${sentinel}\n` }],
    ['they are in another order', { [first]: undefined, 'sql/0009_records.sql': soundFiles[first] }],
    ['one is there twice', { 'sql/0009_again.sql': soundFiles[first] }],
  ])('and finds that %s', async (_, files) => {
    expect(await migrations(files)).toEqual(['problem migrations']);
  });

  test('and takes them under other names and numbers, between those of the project, with other line ends', async () => {
    const files = { [first]: undefined, 'sql/0001_users.sql': '-- ours', 'sql/0002_records.sql': '-- ours too' };
    const text = soundFiles[first]?.replaceAll('\n', '\r\n');
    expect(
      await migrations({ ...files, [second]: undefined, 'sql/3_x.sql': text, 'sql/10_y.sql': soundFiles[second] }),
    ).toEqual([onlyLocalDatabase]);
  });

  test('and misses a database', async () => {
    expect(await complaints(projectWith({ d1_databases: [] }))).toEqual(['problem d1-binding']);
    expect(await complaints(projectWith({ ...vary({ TOKEN_BACKEND: 'kv' }), d1_databases: [] }))).toEqual([
      'problem backend',
      'problem kv-binding',
    ]);
    const kv = { ...vary({ TOKEN_BACKEND: 'kv', OAUTH_ROTATION: 'none' }), kv_namespaces: [{ binding: 'KV' }] };
    expect(await complaints(projectWith(kv, { [first]: undefined }))).toEqual([]);
  });
});

describe('the doctor asks git', () => {
  test('whether the file with secrets is committed, or ignored anywhere above', async () => {
    const folder = projectWith({}, { '.gitignore': '' });
    gitIn(folder, 'init', '-q');
    expect(await complaints(folder)).toEqual([onlyLocalDatabase, 'problem git']);
    gitIn(folder, 'add', '.dev.vars');
    gitIn(folder, 'commit', '-qm', 'all');
    const findings = await examine({ folder, remote: false });
    expect(findings).toContainEqual(expect.objectContaining({ check: 'git', command: 'git rm --cached .dev.vars' }));
    gitIn(folder, 'rm', '-q', '--cached', '.dev.vars');
    expect(await complaints(folder)).toEqual([onlyLocalDatabase, 'problem git']);
    writeFileSync(join(folder, '.git/info/exclude'), '.dev.vars\n');
    expect(await complaints(folder)).toEqual([onlyLocalDatabase]);
  });
});
