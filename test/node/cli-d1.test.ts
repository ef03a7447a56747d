import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getPlatformProxy } from 'wrangler';
import { quietEnvironment } from '../../scripts/quiet-environment.mjs';
import { type D1Like, d1Backend } from '../../src/backends/d1-backend.ts';
import { d1Settings } from '../../src/cli/d1-settings.ts';
import type { PlaceSettings } from '../../src/cli/place-settings.ts';
import { changeKeyring } from '../../src/crypto/change-keyring.ts';
import { cliFolder, cliKeyrings, expectTokens, fill, keyringFile, runQuietly } from '../support/cli-rig.ts';
import { cutOffRotation } from '../support/cut-off-rotation.ts';
import { recordingCloudflare } from '../support/recording-cloudflare.ts';
import { workerProject } from '../support/worker-project.ts';

const root = join(import.meta.dirname, '../..');
const config = `name = "site"
compatibility_date = "2026-11-01"
account_id = "${'a'.repeat(32)}"

[[d1_databases]]
binding = "DB"
database_name = "tokens"
database_id = "11111111-1111-1111-1111-111111111111"
preview_database_id = "22222222-2222-2222-2222-222222222222"
migrations_dir = "${join(root, 'migrations')}"

[[env.production.d1_databases]]
binding = "TOKENS"
database_name = "tokens"
database_id = "33333333-3333-3333-3333-333333333333"
remote = true
`;
const users = 300;
const project = workerProject({ 'wrangler.toml': config });
const keyrings = await cliKeyrings();
const at = cliFolder();
const keyring = keyringFile(at('keyring.json'), keyrings.promoted);
let proxy: Awaited<ReturnType<typeof getPlatformProxy<{ DB: D1Like }>>>;

/** Runs the wrangler of the project. */
async function wrangler(...args: string[]): Promise<string> {
  const program = join(root, 'node_modules/wrangler/bin/wrangler.js');
  // what it prints is read, however quiet the tests are told to be
  const options = { cwd: project, env: { ...quietEnvironment, WRANGLER_LOG: 'log' } };
  return (await promisify(execFile)(process.execPath, [program, ...args], options)).stdout;
}

describe('a D1 database on this machine', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    await wrangler('d1', 'migrations', 'apply', 'DB', '--local');
    // stays open, as that of a `wrangler dev` in another terminal does
    proxy = await getPlatformProxy({
      configPath: join(project, 'wrangler.toml'),
      persist: { path: join(project, '.wrangler/state/v3') },
    });
    await fill(d1Backend(proxy.env.DB), keyrings.before, users);
  }, 120_000);
  afterAll(() => proxy?.dispose());

  test('is rotated beside a running worker: killed, interrupted, run again, and then without the old key', async () => {
    await cutOffRotation({
      ...{ place: 'd1:DB', keyrings, keyring, users, batch: 10, options: { cwd: project } },
      look: (work) => work(d1Backend(proxy.env.DB)),
    });
    const said = JSON.parse(
      await wrangler(
        'd1',
        'execute',
        'DB',
        '--local',
        '--json',
        '--command',
        'SELECT key_id, count(*) AS n FROM tokenkeep_record',
      ),
    );
    expect(said[0].results).toEqual([{ key_id: keyrings.young, n: users }]);

    const disabled = await changeKeyring(keyrings.promoted, { kind: 'disable', keyId: keyrings.old });
    await expectTokens(
      d1Backend(proxy.env.DB),
      await changeKeyring(disabled, { kind: 'remove', keyId: keyrings.old }),
      users,
    );
  });

  test('is inspected from anywhere, with nothing of it or of wrangler on standard output but the report', async () => {
    const args = ['inspect', 'd1:DB', '--config', join(project, 'wrangler.toml'), '--json'];
    const temporary = cliFolder()('.');
    const run = await runQuietly(args, { cwd: temporary, env: { TOKENKEEP_KEYRING: '', TMPDIR: temporary } });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toMatchObject({ records: users, partitions: [{ partition: 'default/tokens' }] });
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('a D1 database that cannot be opened', { timeout: 120_000 }, () => {
  const away = workerProject({ 'wrangler.toml': config });
  const broken = workerProject({ 'wrangler.jsonc': '{ "d1_databases": [\n  { "binding": "hunter2-hunter2-hunter2"' });

  test.each([
    [['d1:OTHER'], away, 'name no such D1 database; they name DB'],
    [['d1:DB', '--env', 'production'], away, 'they name TOKENS, and an environment does not take over'],
    [['d1:DB', '--env', 'staging'], away, 'no environment of that name'],
    [['d1:DB'], away, 'there is no local database; run npx wrangler d1 migrations apply'],
    [['d1:DB', '--persist-to', 'elsewhere'], away, 'there is no local database'],
    [['d1:DB'], broken, 'cannot be read; look at line 2'],
    [['d1:DB', '--config', 'none.toml'], away, 'there is no wrangler.toml or wrangler.jsonc'],
  ])('says what is wrong: %j', async (args, cwd, message) => {
    const run = await runQuietly(['inspect', ...args], { cwd, env: { TOKENKEEP_KEYRING: '' } });
    expect(run).toMatchObject({ code: 4, stdout: '', stderr: expect.stringMatching(/^inspect: [^\n]*\n$/) });
    expect(run.stderr).toContain(message);
    expect(run.stderr).not.toContain('hunter2');
    expect(existsSync(join(away, '.wrangler'))).toBe(false);
  });

  test('says that wrangler is missing, where the project has none', async () => {
    const bare = cliFolder();
    writeFileSync(bare('wrangler.toml'), config);
    const run = await runQuietly(['inspect', 'd1:DB', '--remote'], { cwd: bare('.'), env: { TOKENKEEP_KEYRING: '' } });
    expect(run).toMatchObject({ code: 4, stderr: expect.stringContaining('npm install -D wrangler') });
  });
});

describe('what wrangler is given', { timeout: 120_000 }, () => {
  /** A project whose wrangler is this text. */
  const projectWith = (module: string): string => {
    const folder = cliFolder();
    mkdirSync(folder('node_modules/wrangler'), { recursive: true });
    writeFileSync(folder('node_modules/wrangler/index.js'), module);
    writeFileSync(folder('wrangler.toml'), config);
    return folder('.');
  };

  test('is settings of that database alone, and no secret of tokenkeep', async () => {
    const cwd = projectWith(`exports.getPlatformProxy = (options) => {
      const { readFileSync, statSync, writeFileSync } = require('node:fs');
      const settings = JSON.parse(readFileSync(options.configPath, 'utf8'));
      const secrets = Object.keys(process.env).filter((name) => name.startsWith('TOKENKEEP'));
      const mode = statSync(options.configPath).mode & 0o777;
      writeFileSync('seen.json', JSON.stringify({ options, settings, secrets, mode }));
      throw new Error(process.argv.join());
    };`);
    const run = await runQuietly(['inspect', 'd1:DB', '--remote'], { cwd, env: { TOKENKEEP_PASSWORD: 'x' } });
    expect(run).toMatchObject({ code: 5, stdout: '' });
    const seen = JSON.parse(readFileSync(join(cwd, 'seen.json'), 'utf8'));
    expect(seen).toMatchObject({ options: { envFiles: [], remoteBindings: true }, secrets: [], mode: 0o600 });
    const { name, compatibility_date, send_metrics, account_id, d1_databases, ...rest } = seen.settings;
    expect(rest).toEqual({});
    expect(d1_databases).toEqual([expect.objectContaining({ binding: 'DB', remote: true })]);
    expect(existsSync(seen.options.configPath)).toBe(false);
  });

  test('has to be a wrangler that can open databases', async () => {
    const cwd = projectWith('exports.unstable_dev = () => undefined;');
    const run = await runQuietly(['inspect', 'd1:DB', '--remote'], { cwd });
    expect(run).toMatchObject({ code: 4, stderr: expect.stringContaining('too old; update it') });
  });
});

describe('a D1 database at Cloudflare', { timeout: 120_000 }, () => {
  test('is the one of database_id, and all that wrangler asks for', async () => {
    const cloudflare = await recordingCloudflare();
    try {
      const run = await runQuietly(['rotate', '--in', 'd1:DB', '--remote', '--keyring', keyring], {
        ...{ cwd: project, secrets: [keyrings.promoted, 'api-token-of-the-tests'], env: cloudflare.env },
      });
      const id = '11111111-1111-1111-1111-111111111111';
      expect(cloudflare.started).toEqual([
        { worker: 'tokenkeep-command-line', bindings: [expect.objectContaining({ type: 'd1', name: 'DB', id })] },
      ]);
      expect(run).toMatchObject({ code: 5, stdout: '' });
      expect(run.stderr).toBe(
        '--in: wrangler does not reach the database at Cloudflare; check npx wrangler whoami and database_id, then try again\n',
      );
    } finally {
      await cloudflare.close();
    }
  });

  test('of an environment has its own settings, and is another one than the local one', () => {
    const file = join(project, 'wrangler.toml');
    const databases = (binding: string, more: PlaceSettings) =>
      d1Settings(binding, { config: file, ...more }).settings.d1_databases;
    const production = {
      binding: 'TOKENS',
      database_name: 'tokens',
      database_id: '33333333-3333-3333-3333-333333333333',
    };
    expect(databases('TOKENS', { env: 'production', remote: true })).toEqual([{ ...production, remote: true }]);
    expect(databases('TOKENS', { env: 'production' })).toEqual([{ ...production, remote: false }]);
    expect(databases('DB', {})).toEqual([
      expect.objectContaining({ preview_database_id: '22222222-2222-2222-2222-222222222222', remote: false }),
    ]);
    const bare = workerProject({ 'wrangler.json': '{ "d1_databases": [{ "binding": "DB" }] }' });
    const unknown = { config: join(bare, 'wrangler.json'), remote: true };
    expect(() => d1Settings('DB', unknown)).toThrow('name no database_id; npx wrangler d1 list prints it');
    expect(d1Settings('TOKENS', { config: file, env: 'production' }).settings.account_id).toBe('a'.repeat(32));
  });
});
