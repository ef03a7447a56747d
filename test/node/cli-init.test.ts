import { lstatSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { examine } from '../../src/cli/doctor/examine.ts';
import { applyChanges } from '../../src/cli/init/apply-changes.ts';
import { type InitPlan, planInit } from '../../src/cli/init/plan-init.ts';
import { packageMigrations } from '../../src/cli/project/package-migrations.ts';
import { runTokenkeep, type TokenkeepRun } from '../support/run-tokenkeep.ts';
import {
  gitIn,
  type ProjectFiles,
  plainApp,
  readProjectFiles,
  workerProject,
  writeProject,
} from '../support/worker-project.ts';

const toml = `# my site
name = "site"
main = "src/index.ts"
compatibility_date = "2026-11-01" # do not touch

[vars] # for all
GREETING = "hello"

[[kv_namespaces]]
binding = "CACHE"
id = "0123456789abcdef0123456789abcdef"
`;
const jsonc = `{
\t// my site
\t"name": "site",
\t"main": "src/index.ts",
\t"compatibility_date": "2026-11-01", /* do not touch */
\t"vars": { "GREETING": "hello" },
}
`;
const kinds = [
  ['wrangler.toml', toml],
  ['wrangler.jsonc', jsonc],
] as const;

const keyPattern = /"k":"([^"]+)"/;

/** Runs `init`; what it prints must not hold the key that it made. */
async function init(folder: string, ...more: readonly string[]): Promise<TokenkeepRun> {
  const run = await runTokenkeep(['init', '--dir', folder, ...more]);
  const [, key] = keyPattern.exec(readProjectFiles(folder)['.dev.vars'] ?? '') ?? [];
  if (key !== undefined) expect(run.stdout + run.stderr).not.toContain(key);
  expect(run.stdout + run.stderr).not.toMatch(keyPattern);
  return run;
}

/** Files without what differs from run to run. */
function withoutKey(files: Record<string, string>): Record<string, string> {
  const text = files['.dev.vars'];
  return text === undefined ? files : { ...files, '.dev.vars': text.replace(/'\{.*\}'/, 'KEYRING') };
}

/** What `init` does, without a process of its own. */
async function initHere(folder: string): Promise<InitPlan> {
  const plan = await planInit(folder);
  applyChanges(plan.project.folder, plan.changes);
  return plan;
}

describe.each(kinds)('init in a project with %s', (name, text) => {
  test('adds what is missing, keeps what is there, and says what it did and what is left', async () => {
    const folder = workerProject({ [name]: text });
    const { code, stdout, stderr } = await init(folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const line of [
      'make    .dev.vars',
      '+ TOKENKEEP_KEYRING=…',
      `change  ${name}`,
      "+ app.route('/', tokenkeepRoutes);",
      '- export default app;',
      'npx wrangler d1 migrations apply DB --remote',
      'npx wrangler secret put OAUTH_CLIENT_SECRET',
      'https://YOUR-WORKER/auth/callback',
    ]) {
      expect(stdout).toContain(line);
    }
    const files = readProjectFiles(folder);
    // comments, order and layout, but for the table in braces, which is opened
    const kept = text.split('\n').filter((line) => !/^}?$|^\t"vars"/.test(line));
    const lines = files[name]?.split('\n').filter((line) => kept.includes(line));
    expect(lines).toEqual(kept);
    expect(files['.gitignore']).toBe('node_modules\n.dev.vars\n');
    expect(statSync(join(folder, '.dev.vars')).mode & 0o777).toBe(0o600);
    const own = Object.keys(files).filter((path) => path.startsWith('migrations/'));
    expect(own.map((path) => files[path])).toEqual(packageMigrations().map((migration) => migration.text));
    const findings = await examine({ folder, remote: false });
    expect(findings.filter(({ status }) => status === 'problem').map(({ check }) => check)).toEqual([
      'd1-id',
      'issuer',
      'client-id',
    ]);
  });

  test('writes nothing in a dry run, and changes nothing when it runs again', async () => {
    const folder = workerProject({ [name]: text });
    const before = readProjectFiles(folder);
    const dry = await init(folder, '--dry-run');
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('Dry run: nothing was written.') });
    expect(readProjectFiles(folder)).toEqual(before);
    await initHere(folder);
    const after = readProjectFiles(folder);
    expect(await init(folder)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Everything is there already/),
    });
    expect(readProjectFiles(folder)).toEqual(after);
  });

  test('carries on wherever it was interrupted', async () => {
    const whole = workerProject({ [name]: text });
    const { changes } = await initHere(whole);
    const files = readProjectFiles(whole);
    for (let done = 0; done < changes.length; done++) {
      const folder = workerProject({ [name]: text });
      const written = changes.slice(0, done).map(({ path }) => [path, files[path]]);
      writeProject(folder, Object.fromEntries(written) as ProjectFiles);
      // a process that was killed between writing and renaming leaves this behind
      writeProject(folder, { [`${changes[done]?.path}.tokenkeep-init`]: 'half' });
      expect((await initHere(folder)).changes).toHaveLength(changes.length - done);
      const { '.dev.vars.tokenkeep-init': _, ...rest } = readProjectFiles(folder);
      expect(withoutKey(rest)).toEqual(withoutKey(files));
    }
  });
});

describe('init leaves alone what is there', () => {
  test.each<[what: string, path: string, files: ProjectFiles]>([
    ['another module of that name', 'src/tokenkeep.ts', { 'src/tokenkeep.ts': 'export const mine = 1;\n' }],
    [
      'an altered migration',
      'migrations/0001_tokenkeep_records.sql',
      { 'migrations/0001_tokenkeep_records.sql': '-- no' },
    ],
    ['an app that catches all', 'src/index.ts', { 'src/index.ts': `${plainApp.replace("'/'", "'*'")}` }],
    ['an app that it does not understand', 'src/index.ts', { 'src/index.ts': 'export default { fetch() {} };\n' }],
    ['a table on one line', 'wrangler.toml', { 'wrangler.toml': toml.replace(/\[vars\].*\n.*/, 'vars = { A = "1" }') }],
    ['a list on one line', 'wrangler.toml', { 'wrangler.toml': `d1_databases = []\n${toml}` }],
  ])('%s, and names it', async (_, path, files) => {
    const folder = workerProject({ 'wrangler.toml': toml, ...files });
    const before = readProjectFiles(folder);
    expect((await initHere(folder)).remarks.map((remark) => remark.path)).toContain(path);
    const after = readProjectFiles(folder);
    if (path !== 'wrangler.toml') expect(after[path]).toBe(before[path]);
    expect(after[path]?.split('\n')).toEqual(expect.arrayContaining((before[path] as string).split('\n')));
    expect((await initHere(folder)).changes).toEqual([]);
    expect(readProjectFiles(folder)).toEqual(after);
  });

  test('the database, crons, variables, secrets and migrations of the project', async () => {
    const own = `${toml}
OAUTH_ISSUER = "https://accounts.example.com"

[triggers]
crons = ["0 3 * * *"]

[[d1_databases]]
binding = "DB"
database_name = "shop"
database_id = "b1f4e2d0-1c2b-4a3d-8e9f-0123456789ab"
migrations_dir = "sql"
`.replace('id = "0123456789abcdef0123456789abcdef"\n\nOAUTH', 'id = "a"\n[env.x.vars]\nOAUTH');
    const vars = "OTHER=1\nTOKENKEEP_KEYRING='mine'";
    const folder = workerProject({ 'wrangler.toml': own, '.dev.vars': vars, 'sql/0007_shop.sql': 'SELECT 1;' });
    const { changes } = await initHere(folder);
    expect(changes.map(({ path }) => path)).toEqual([
      '.gitignore',
      'sql/0008_tokenkeep_records.sql',
      'sql/0009_tokenkeep_refresh.sql',
      'wrangler.toml',
      'src/tokenkeep.ts',
      'src/index.ts',
    ]);
    const files = readProjectFiles(folder);
    expect(files['.dev.vars']).toBe(vars);
    expect(files['wrangler.toml']).not.toMatch(/\*\/5|database_name = "tokenkeep"/);
  });

  test('a database beside its own, with a folder of its own for migrations', async () => {
    const other = '\n[[d1_databases]]\nbinding = "SHOP"\ndatabase_name = "shop"\n';
    const folder = workerProject({ 'wrangler.toml': toml + other, 'migrations/0001_shop.sql': 'SELECT 1;' });
    await initHere(folder);
    const files = readProjectFiles(folder);
    expect(Object.keys(files)).toContain('tokenkeep-migrations/0001_tokenkeep_records.sql');
    expect(files['wrangler.toml']).toContain('migrations_dir = "tokenkeep-migrations"');
  });

  test('a link, a mode, and what stands in .dev.vars', async () => {
    const folder = workerProject({ 'shared/wrangler.toml': toml, '.dev.vars': 'OTHER=1' });
    symlinkSync('shared/wrangler.toml', join(folder, 'wrangler.toml'));
    await initHere(folder);
    expect(lstatSync(join(folder, 'wrangler.toml')).isSymbolicLink()).toBe(true);
    expect(readProjectFiles(folder)['.dev.vars']).toMatch(/^OTHER=1\nTOKENKEEP_KEYRING='\{.*\}'\n/);
  });
});

describe('init writes no key', () => {
  test('into a file that is committed', async () => {
    const folder = workerProject({ 'wrangler.toml': toml, '.dev.vars': 'OTHER=1\n' });
    for (const args of [
      ['init', '-q'],
      ['add', '.dev.vars'],
      ['commit', '-qm', 'all'],
    ])
      gitIn(folder, ...args);
    const { remarks } = await initHere(folder);
    expect(remarks).toEqual([expect.objectContaining({ path: '.dev.vars' })]);
    expect(readProjectFiles(folder)['.dev.vars']).toBe('OTHER=1\n');
  });

  test('into a new .dev.vars that would hide the .env of the project', async () => {
    const folder = workerProject({ 'wrangler.toml': toml, '.env': 'OTHER=1\n' });
    await initHere(folder);
    const files = readProjectFiles(folder);
    expect(Object.keys(files)).not.toContain('.dev.vars');
    expect(files['.env.local']).toMatch(/^TOKENKEEP_KEYRING='\{/);
    expect(files['.gitignore']).toBe('node_modules\n.env.local\n');
  });
});

test('init refuses a folder without a configuration, or with one that cannot be read', async () => {
  const folder = workerProject({});
  expect(await init(folder)).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('in this folder') });
  writeProject(folder, { 'wrangler.toml': 'a = SENTINEL' });
  const { code, stdout } = await init(folder, '--json');
  expect({ code, stdout }).toEqual({ code: 4, stdout: expect.stringContaining('"E_CONFIG"') });
  expect(stdout).not.toContain('SENTINEL');
  writeProject(folder, { 'wrangler.toml': toml });
  mkdirSync(join(folder, 'migrations/0001_tokenkeep_records.sql'), { recursive: true });
  const { code: byHand, stdout: said } = await init(folder);
  expect(byHand).toBe(9);
  expect(said).toMatch(/Left to be done by hand:\nmigrations\/0001_tokenkeep_records\.sql: /);
});
