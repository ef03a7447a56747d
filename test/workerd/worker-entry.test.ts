import { env as bindings } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Env } from '../../worker/env.ts';
import worker from '../../worker/index.ts';
import type { StrictAuthorizationServer } from '../support/strict-authorization-server.ts';
import { TestBrowser } from '../support/test-browser.ts';
import { environment, origin, signIn, stubServers } from './worker-environment.ts';

const secret = 'sentinel-secret-of-the-administration';
const user = 'user-of-the-worker';
const left: Promise<unknown>[] = [];
const context = {
  waitUntil: (work: Promise<unknown>) => void left.push(work),
  passThroughOnException() {},
  props: {},
} as unknown as ExecutionContext;
const logged: string[] = [];
let server: StrictAuthorizationServer;

beforeEach(async () => {
  server = stubServers();
  logged.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: string) => void logged.push(line));
  await bindings.DB.prepare('DELETE FROM tokenkeep_record').run();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function browse(env: Env): TestBrowser {
  return new TestBrowser(origin, async (request) => worker.fetch(request, env, context));
}

async function scheduled(env: Env): Promise<any> {
  const controller = { scheduledTime: Date.now(), cron: '*/5 * * * *', noRetry() {} } as ScheduledController;
  await worker.scheduled?.(controller, env, context);
  return JSON.parse(logged.at(-1) as string);
}

const post = { method: 'POST' };
const json = (body: object) => ({
  ...post,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

describe('the scheduled work of the worker', () => {
  test('renews what is due where KEEP_FRESH is on, clears what has expired, and logs numbers', async () => {
    const env = environment({ DEMO: 'on', KEEP_FRESH: 'on' });
    const browser = browse(env);
    await signIn(server, browser);
    expect(await scheduled(env)).toMatchObject({ type: 'maintained', renewed: 0, deleted: 0, more: false });
    await browser.fetch('/demo/expire', json({ soft: true }));
    await bindings.DB.prepare('UPDATE tokenkeep_record SET expires_at = 1 WHERE partition LIKE ?')
      .bind('%/spent-logins')
      .run();
    expect(await scheduled(env)).toMatchObject({ type: 'maintained', renewed: 1, deleted: 1, more: false });
    expect(server.requests.filter((request) => request.endsWith('refresh_token'))).toHaveLength(1);
    expect((await browser.fetch('/api/me')).headers.get('Tokenkeep-Outcome')).toBe('fresh');
  });

  test('renews nothing without KEEP_FRESH', async () => {
    const env = environment({ DEMO: 'on' });
    const browser = browse(env);
    await signIn(server, browser);
    await browser.fetch('/demo/expire', post);
    expect(await scheduled(env)).toMatchObject({ renewed: 0 });
  });

  test('fails visibly while a setting is missing', async () => {
    await expect(scheduled(environment({ OAUTH_ISSUER: undefined }))).rejects.toMatchObject({ code: 'E_CONFIG' });
  });
});

describe('the log of the worker', () => {
  test('has a line of JSON for each event, with ids and types and no secret', async () => {
    const env = environment({ DEMO: 'on' });
    const browser = browse(env);
    await signIn(server, browser);
    await browser.fetch('/demo/expire', post);
    expect((await browser.fetch('/api/me')).headers.get('Tokenkeep-Outcome')).toBe('refreshed');
    expect(logged.map((line) => JSON.parse(line))).toEqual([
      { type: 'refreshed', tokenId: expect.any(String), revision: 3, at: expect.any(Number) },
    ]);
    for (const hidden of [...server.secrets, user]) expect(logged.join()).not.toContain(hidden);
  });
});

describe('the administration of the worker', () => {
  const authorization = { Authorization: `Bearer ${secret}` };
  const ask = async (env: Env, path: string, body: object, headers: Record<string, string> = authorization) =>
    worker.fetch(new Request(`${origin}${path}`, { ...json(body), headers }), env, context);

  test('lies beneath /admin, for whoever knows TOKENKEEP_ADMIN_SECRET', async () => {
    const env = environment({ TOKENKEEP_ADMIN_SECRET: secret });
    const browser = browse(env);
    await signIn(server, browser);
    expect((await ask(env, '/admin/tokens', { user }, {})).status).toBe(401);
    const { tokens } = await (await ask(env, '/admin/tokens', { user })).json<any>();
    expect(tokens).toMatchObject([{ clientId: 'worker', sessions: 1, renewable: true }]);
    const revoked = await ask(env, '/admin/revoke-user', { user });
    expect(await revoked.json()).toMatchObject({ ended: [{ id: tokens[0].id, revoked: true, sessions: 1 }] });
    expect([(await browser.fetch('/api/me')).status, server.isGranted(user)]).toEqual([401, false]);
  });

  test.each([undefined, ''])('does not exist where it is %j', async (TOKENKEEP_ADMIN_SECRET) => {
    const env = environment({ TOKENKEEP_ADMIN_SECRET });
    for (const path of ['/admin/tokens', '/admin/revoke', '/admin/revoke-user']) {
      for (const headers of [{}, authorization, { Authorization: 'Bearer ' }]) {
        const response = await ask(env, path, { user }, headers);
        expect([response.status, await response.text()]).toEqual([404, '404 Not Found']);
      }
    }
  });
});

describe('a worker that caches access tokens in KV', () => {
  test('serves a call from there, and a sign-out takes the token away', async () => {
    const env = environment({ TOKEN_BACKEND: 'd1+kv', DEMO: 'on' });
    const browser = browse(env);
    await signIn(server, browser);
    const outcome = async () => (await browser.fetch('/api/me')).headers.get('Tokenkeep-Outcome');
    expect(await outcome()).toBe('fresh');
    await Promise.all(left);
    expect(await outcome()).toBe('cached');
    const { keys } = await bindings.KV.list();
    const values = await Promise.all(keys.map(async ({ name }) => (await bindings.KV.get(name)) ?? ''));
    expect([keys.length, values.join().includes('sentinel')]).toEqual([1, false]);
    await browser.fetch('/demo/expire', post);
    expect(await outcome()).toBe('refreshed');
    await Promise.all(left);
    await browser.fetch('/auth/logout', post);
    expect((await bindings.KV.list()).keys).toEqual([]);
    expect((await browser.fetch('/api/me')).status).toBe(401);
  });
});

describe('the demo', () => {
  test('makes a token old that still works, so that a call renews it, or keeps it while the server is away', async () => {
    const env = environment({ DEMO: 'on' });
    const browser = browse(env);
    await signIn(server, browser);
    const before = await (await browser.fetch('/auth/session')).json<any>();
    const aged = await browser.fetch('/demo/expire', json({ soft: true }));
    expect(await aged.json()).toEqual({ expiresAt: before.expiresAt });
    server.down = true;
    const kept = await browser.fetch('/api/me');
    expect([kept.status, kept.headers.get('Tokenkeep-Outcome')]).toEqual([200, 'kept']);
    server.down = false;
    await bindings.DB.prepare('UPDATE tokenkeep_record SET retry_at = 0').run();
    expect((await browser.fetch('/api/me')).headers.get('Tokenkeep-Outcome')).toBe('refreshed');
  });
});
