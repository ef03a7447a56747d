import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quietEnvironment } from '../../scripts/quiet-environment.mjs';
import { examine } from '../../src/cli/doctor/examine.ts';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { runTokenkeep, type TokenkeepRun } from '../support/run-tokenkeep.ts';
import { type ProjectFiles, soundFiles, soundSettings, workerProject } from '../support/worker-project.ts';

type Settings = Record<string, unknown>;
const { vars } = soundSettings;

function projectWith(settings: Settings = {}, files: ProjectFiles = {}): string {
  return workerProject({
    ...soundFiles,
    'wrangler.jsonc': JSON.stringify({ ...soundSettings, ...settings }),
    ...files,
  });
}

async function complaints(folder: string): Promise<string[]> {
  const findings = await examine({ folder, remote: false });
  return findings.filter(({ status }) => status !== 'ok').map(({ status, check }) => `${status} ${check}`);
}

describe('the doctor looks around', () => {
  test('at who may read the secrets', async () => {
    const folder = projectWith();
    chmodSync(join(folder, '.dev.vars'), 0o640);
    expect(await complaints(folder)).toContain('warning file-mode');
  });

  test.each([
    ['hono', '4.13.18', ['problem hono']],
    ['hono', '3.99.0', ['problem hono']],
    ['hono', '5.0.0', ['warning hono']],
    ['hono', '4.20.0', []],
    ['hono', undefined, ['problem hono']],
    ['wrangler', '4.89.9', ['warning wrangler']],
    ['wrangler', 'garbage', ['warning wrangler']],
  ])('at the version of %s: %s', async (name, version, expected) => {
    const folder = projectWith();
    rmSync(join(folder, 'node_modules', name));
    mkdirSync(join(folder, 'node_modules', name));
    if (version !== undefined) {
      writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ name, version }));
    }
    expect(await complaints(folder)).toEqual(['warning local-database', ...expected]);
  });

  test('at a local database, which may be damaged', async () => {
    const folder = projectWith({}, { '.wrangler/state/v3/d1/kind/abc.sqlite': 'no database'.repeat(100) });
    const findings = await examine({ folder, remote: false });
    expect(findings).toContainEqual(expect.objectContaining({ check: 'local-database', status: 'warning' }));
    expect(findings.find(({ check }) => check === 'local-database')?.message).toContain('could not be read');
  });

  test('at variables that are set for this machine alone', async () => {
    const local = `${soundFiles['.dev.vars']}OAUTH_ISSUER=http://localhost:9\nOAUTH_CLIENT_ID=a\nDEMO=on\n`;
    const folder = projectWith({ vars: {} }, { '.dev.vars': local });
    expect(await complaints(folder)).toEqual(['warning local-database', 'warning issuer', 'warning client-id']);
    const set = projectWith({}, { '.dev.vars': `${local}PUBLIC_ORIGIN=http://localhost:8787\n` });
    expect(await complaints(set)).toEqual(['warning local-database']);
  });

  test('at a worker whose names it does not know, and says so', async () => {
    const folder = projectWith({ vars: { ISSUER: 'https://accounts.example.com' } }, { '.dev.vars': 'KEYS=1\n' });
    expect(await complaints(folder)).toEqual([
      'warning local-database',
      'warning issuer',
      'warning client-id',
      'warning keyring',
    ]);
    const findings = await examine({ folder, remote: false });
    for (const { message } of findings.filter(({ check }) => /issuer|client-id|keyring/.test(check))) {
      expect(message).toMatch(/if your worker reads .* from another variable|unless your worker reads it from/);
    }
  });

  test('at a keyring in the Secrets Store', async () => {
    const store = { secrets_store_secrets: [{ binding: 'TOKENKEEP_KEYRING', store_id: 'a', secret_name: 'b' }] };
    expect(await complaints(projectWith(store, { '.dev.vars': 'A=1\n' }))).toEqual(['warning local-database']);
  });

  test('at the worker of this repository, which needs an API', async () => {
    const folder = projectWith(
      { vars: { ...vars, API_ORIGIN: undefined } },
      { 'package.json': '{"name":"tokenkeep"}' },
    );
    expect(await complaints(folder)).toEqual(['warning local-database', 'problem api-origin']);
  });
});

/** A wrangler that lists these secrets, or prints what it is told to. */
function fakeWrangler(folder: string, program: string): void {
  const path = join(folder, 'node_modules/wrangler');
  rmSync(path);
  mkdirSync(join(path, 'bin'), { recursive: true });
  writeFileSync(join(path, 'package.json'), '{"name":"wrangler","version":"4.164.0","type":"commonjs"}');
  writeFileSync(join(path, 'bin/wrangler.js'), program);
}

const listing = (...names: readonly string[]): string =>
  `if (process.env.CI !== '1') throw 1; if (process.argv.slice(2).join(' ').startsWith('secret list --format json --config '))
  console.log(JSON.stringify(${JSON.stringify(names.map((name) => ({ name, type: 'secret_text' })))}))`;

/** What the doctor says of the secrets of the deployed worker. */
async function deployed(folder: string): Promise<Finding | undefined> {
  const findings = await examine({ folder, remote: true });
  return findings.find(({ check }) => check === 'deployed-secrets');
}

describe('the doctor asks for the secrets of the deployed worker', () => {
  test.each<[expected: Finding['status'], program: string]>([
    ['ok', listing('TOKENKEEP_KEYRING', 'OAUTH_CLIENT_SECRET')],
    ['ok', listing('TOKENKEEP_KEYRING')],
    ['problem', listing('OAUTH_CLIENT_SECRET')],
    ['warning', 'process.exit(1)'],
    ['warning', 'console.log("[{")'],
    ['warning', 'console.log("{}")'],
    ['problem', 'console.log("[null, 5]")'],
  ])('and says %s', async (status, program) => {
    const folder = projectWith();
    fakeWrangler(folder, program);
    expect(await deployed(folder)).toMatchObject({ status });
  });

  test('and takes a variable that is one of them for set', async () => {
    const folder = projectWith({ vars: {} });
    fakeWrangler(folder, listing('TOKENKEEP_KEYRING', 'OAUTH_ISSUER', 'OAUTH_CLIENT_ID'));
    const findings = await examine({ folder, remote: true });
    expect(findings.filter(({ status }) => status === 'problem')).toEqual([]);
  });

  test('and only warns where the real wrangler is not logged in', async () => {
    const folder = projectWith();
    const { CLOUDFLARE_API_TOKEN: _, ...env } = quietEnvironment;
    const args = ['doctor', '--remote', '--json', '--config', join(folder, 'wrangler.jsonc')];
    const { code, stdout } = await runTokenkeep(args, { env });
    expect(code).toBe(0);
    const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
    expect(findings.at(-1)).toMatchObject({ check: 'deployed-secrets', status: 'warning' });
  });
});

describe('tokenkeep doctor', () => {
  /** As somebody runs it who has gone to the folder. */
  function runIn(folder: string, ...args: readonly string[]): Promise<TokenkeepRun> {
    return runTokenkeep(['doctor', ...args], { through: ['env', '-C', folder] });
  }

  test('prints its findings with what mends them, and ends with 0 or 7', async () => {
    const folder = projectWith({}, { 'apps/readme.txt': '' });
    const sound = await runIn(join(folder, 'apps'));
    expect(sound).toMatchObject({ code: 0, stderr: '' });
    expect(sound.stdout).toMatch(
      /\nwarning {2}local-database +no local database .*\n +npx wrangler d1 migrations apply DB/,
    );
    expect(sound.stdout).toMatch(/\n\n0 problems, 1 warning, \d+ in order\.\n$/);
    const bad = projectWith({ vars: { ...vars, OAUTH_CLIENT_SECRET: 'sentinel-secret' } });
    const { code, stdout } = await runIn(bad);
    expect(code).toBe(7);
    expect(stdout).toContain('npx wrangler secret put OAUTH_CLIENT_SECRET');
    expect(stdout).not.toContain('sentinel-secret');
  });

  test('names the environment and the configuration in its commands', async () => {
    const folder = projectWith({ env: { live: { d1_databases: [{ binding: 'DB', database_id: 'x' }] } } });
    const args = ['--json', '--env', 'live', '--config', '../site/wrangler.jsonc'];
    const { stdout } = await runTokenkeep(['doctor', ...args.with(-1, `${folder}/wrangler.jsonc`)]);
    const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
    const command = findings.find(({ check }) => check === 'd1-id')?.command;
    expect(command).toMatch(/^npx wrangler d1 create tokenkeep --env live --config [\w./-]+wrangler\.jsonc$/);
  });
});
