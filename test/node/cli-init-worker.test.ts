import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quietEnvironment } from '../../scripts/quiet-environment.mjs';
import { freePort } from '../../scripts/start/free-port.ts';
import { examine } from '../../src/cli/doctor/examine.ts';
import { applyChanges } from '../../src/cli/init/apply-changes.ts';
import { planInit } from '../../src/cli/init/plan-init.ts';
import { LoginServer } from '../support/login-server.ts';
import { TestBrowser } from '../support/test-browser.ts';
import { plainApp, workerProject } from '../support/worker-project.ts';

const bin = join(import.meta.dirname, '../../node_modules/.bin');
const compilerOptions = {
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  lib: ['es2022'],
  types: ['@cloudflare/workers-types'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
};
const folder = workerProject({
  'wrangler.toml': 'name = "site"\nmain = "src/index.ts"\ncompatibility_date = "2026-11-01"\n',
  'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }),
  'src/index.ts': plainApp.replace('new Hono()', 'new Hono<{ Bindings: { GREETING: string }; Variables: { a: 1 } }>()'),
});

/** Runs a tool in the project, as its owner would. */
async function run(tool: string, ...args: readonly string[]): Promise<string> {
  const options = { cwd: folder, env: { ...quietEnvironment, NO_COLOR: '1' } };
  const { stdout } = await promisify(execFile)(join(bin, tool), args, options);
  return stdout;
}

beforeAll(async () => {
  const { project, changes, remarks } = await planInit(folder);
  applyChanges(project.folder, changes);
  expect(remarks).toEqual([]);
}, 30_000);

test('what init writes type-checks beside an app with types of its own', async () => {
  await expect(run('tsc', '-p', '.')).resolves.toBe('');
});

test('what init writes runs under wrangler, signs users in, and does its scheduled work', {
  timeout: 60_000,
}, async () => {
  await run('wrangler', 'd1', 'migrations', 'apply', 'DB', '--local');
  const findings = await examine({ folder, remote: false });
  expect(findings.filter(({ status }) => status !== 'ok').map(({ check }) => check)).toEqual([
    'd1-id',
    'issuer',
    'client-id',
  ]);

  const port = await freePort(38_787);
  const origin = `http://127.0.0.1:${port}`;
  const [server, issuer] = await LoginServer.start({ clientId: 'site', redirectUrl: `${origin}/auth/callback` });
  closing.push(() => server.stop());
  appendFileSync(join(folder, '.dev.vars'), `OAUTH_ISSUER=${issuer}\nOAUTH_CLIENT_ID=site\nOAUTH_SCOPE=openid\n`);
  Object.assign(process.env, quietEnvironment);
  const { unstable_startWorker: startWorker } = await import('wrangler');
  const worker = await startWorker({
    config: join(folder, 'wrangler.toml'),
    dev: { server: { hostname: '127.0.0.1', port }, inspector: false, logLevel: 'none', watch: false },
  });
  closing.push(() => worker.dispose());
  await worker.ready;

  const browser = new TestBrowser(origin, fetch);
  expect(await (await browser.fetch('/')).text()).toBe('home');
  expect(await (await browser.fetch('/auth/session')).json()).toEqual({ signedIn: false });
  const login = await browser.fetch('/auth/login');
  expect(login.status).toBe(302);
  await browser.navigate(server.consent(login.headers.get('Location') ?? '', 'user'));
  expect(await (await browser.fetch('/auth/session')).json()).toMatchObject({ signedIn: true });
  expect((await browser.fetch('/api/anything')).status).toBe(404);
  const scheduled = await fetch(`${origin}/cdn-cgi/handler/scheduled`);
  expect([scheduled.status, await scheduled.text()]).toEqual([200, 'ok']);
});

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});
