import { env as bindings } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Env } from '../../worker/env.ts';
import app from '../../worker/index.ts';
import type { StrictAuthorizationServer } from '../support/strict-authorization-server.ts';
import { TestBrowser } from '../support/test-browser.ts';
import { api, clientSecret, environment, issuer, keyring, origin, signIn, stubServers } from './worker-environment.ts';

const context = { waitUntil() {}, passThroughOnException() {}, props: {} } as unknown as ExecutionContext;
let server: StrictAuthorizationServer;

beforeEach(() => {
  server = stubServers();
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function browse(env: Env): TestBrowser {
  return new TestBrowser(origin, async (request) => app.fetch(request, env, context));
}

const inKv = { TOKEN_BACKEND: 'kv', OAUTH_ROTATION: 'none' } as const;

describe('the worker', () => {
  test.each(['d1', 'd1+kv', 'kv', undefined])(
    'signs in, calls the API and signs out, with TOKEN_BACKEND=%s',
    async (TOKEN_BACKEND) => {
      const OAUTH_ROTATION = TOKEN_BACKEND === 'kv' ? 'none' : 'strict';
      const browser = browse(environment({ TOKEN_BACKEND, OAUTH_ROTATION }));
      await signIn(server, browser);
      expect(await (await browser.fetch('/auth/session')).json()).toMatchObject({ user: 'user-of-the-worker' });
      const seen = await (await browser.fetch('/api/me?a')).json();
      expect(seen).toMatchObject({ url: 'https://api.example/me?a', user: 'user-of-the-worker' });
      const logout = await browser.fetch('/auth/logout', { method: 'POST' });
      expect(await logout.json()).toEqual({ signedOut: true, ended: 'token', revoked: true });
    },
  );

  test('keeps its tokens where TOKEN_BACKEND says, and nowhere else', async () => {
    const rows = async () => (await bindings.DB.prepare('SELECT id FROM tokenkeep_record').all()).results.length;
    const keys = async () => (await bindings.KV.list()).keys.length;
    const before = [await rows(), await keys()];
    await signIn(server, browse(environment({ ...inKv })));
    expect([(await rows()) - (before[0] ?? 0), (await keys()) > (before[1] ?? 0)]).toEqual([0, true]);
  });

  test('asks for OAUTH_SCOPE, for PUBLIC_ORIGIN', async () => {
    const browser = browse(environment({ OAUTH_SCOPE: ' openid  email ', PUBLIC_ORIGIN: 'https://public.example/' }));
    const { searchParams } = new URL((await browser.fetch('/auth/login')).headers.get('Location') ?? '');
    expect(searchParams.get('scope')).toBe('openid email');
    expect(searchParams.get('redirect_uri')).toBe('https://public.example/auth/callback');
  });

  test('serves the page with a policy that lets it load its own files alone', async () => {
    const response = await browse(environment()).navigate('/');
    expect(await response.text()).toContain('<title>page</title>');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-security-policy':
        "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; " +
        "img-src 'self'; script-src 'self'; style-src 'self'; require-trusted-types-for 'script'; trusted-types lit-html",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      etag: '"1"',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  test('lets a page that signs in by itself call the servers, too', async () => {
    const response = await browse(environment({ PAGE_CLIENT_ID: 'page' })).navigate('/assets/page.js');
    const policy = response.headers.get('Content-Security-Policy');
    expect(policy).toContain("connect-src 'self' https://login.example https://api.example;");
  });

  test.each(['/auth/session', '/auth/callback', '/nothing', '/api/me'])('protects %s as well', async (path) => {
    const { headers } = await browse(environment()).fetch(path);
    expect(headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'/);
    expect(headers.get('X-Frame-Options')).toBe('DENY');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  });

  test('answers 404 where there is no file and no route', async () => {
    const browser = browse(environment());
    for (const path of ['/nothing', '/auth/', '/auth/nothing', '/.env'])
      expect((await browser.fetch(path)).status).toBe(404);
    expect((await browser.fetch('/', { method: 'POST' })).status).toBe(404);
  });
});

describe('a setting', () => {
  const { keys } = JSON.parse(keyring);
  const [{ kid, k }] = keys;
  const ring = (change: object) => JSON.stringify({ v: 1, primary: kid, index: kid, keys, ...change });
  const short = k.slice(0, 42);

  test.each<[keyof Env, string, unknown]>([
    ['TOKENKEEP_KEYRING', 'missing', undefined],
    ['TOKENKEEP_KEYRING', 'empty', ''],
    ['TOKENKEEP_KEYRING', 'not JSON', 'sentinel-keyring'],
    ['TOKENKEEP_KEYRING', 'a bare key', k],
    ['TOKENKEEP_KEYRING', 'cut short', keyring.slice(0, -3)],
    ['TOKENKEEP_KEYRING', 'one with a short key', ring({ keys: [{ kid, k: short, status: 'enabled' }] })],
    ['TOKENKEEP_KEYRING', 'one with two primaries', ring({ primary: [kid, kid] })],
    ['TOKENKEEP_KEYRING', 'one with the same key twice', ring({ keys: [...keys, ...keys] })],
    [
      'TOKENKEEP_KEYRING',
      'one with another id',
      ring({ primary: '00000000', keys: [{ kid: '00000000', k, status: 'enabled' }] }),
    ],
    ['TOKENKEEP_KEYRING', 'one whose primary is disabled', ring({ keys: [{ kid, k, status: 'disabled' }] })],
    ['TOKENKEEP_KEYRING', 'one with a misspelt property', ring({ sentinel: 1 })],
    ['OAUTH_ISSUER', 'missing', undefined],
    ['OAUTH_ISSUER', 'no address', 'sentinel-issuer'],
    ['OAUTH_ISSUER', 'not encrypted', 'http://sentinel-issuer.example'],
    ['OAUTH_CLIENT_ID', 'missing', undefined],
    ['OAUTH_CLIENT_ID', 'empty', ''],
    ['API_ORIGIN', 'missing', undefined],
    ['API_ORIGIN', 'not encrypted', 'http://sentinel-api.example'],
    ['API_ORIGIN', 'a script', 'javascript:sentinel'],
    ['PUBLIC_ORIGIN', 'no address', 'sentinel-origin'],
    ['TOKEN_BACKEND', 'unknown', 'sentinel-backend'],
    ['TOKEN_BACKEND', 'KV for a server that replaces refresh tokens', 'kv'],
    ['OAUTH_ROTATION', 'unknown', 'sentinel-rotation'],
    ['OAUTH_IN_DOUBT', 'unknown', 'sentinel-doubt'],
    ['TOKENKEEP_ADMIN_SECRET', 'short', 'sentinel-secret-of-31-characters'.slice(0, 31)],
    ['DB', 'missing', undefined],
  ])('%s that is %s stops the worker, which names it and quotes nothing', async (name, _, value) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const browser = browse(environment({ [name]: value }));
    for (const path of ['/', '/auth/login', '/api/me']) {
      const response = await browser.fetch(path);
      expect(response.status).toBe(503);
      expect(response.headers.get('Cache-Control')).toBe('no-store');
    }
    for (const text of [...browser.received, ...logged.mock.calls.map(String)]) {
      expect(text).toContain(name);
      expect(text).not.toMatch(/sentinel/);
      for (const hidden of [short, clientSecret]) expect(text).not.toContain(hidden);
    }
    expect(logged).toHaveBeenCalled();
  });

  test.each(['TOKEN_BACKEND', 'OAUTH_ROTATION'])(
    '%s is named when KV and rotation do not go together',
    async (name) => {
      vi.spyOn(console, 'error').mockImplementation(() => {});
      const response = await browse(environment({ TOKEN_BACKEND: 'kv' })).fetch('/');
      expect([response.status, await response.text()]).toEqual([503, expect.stringContaining(name)]);
    },
  );

  test('KV that is missing stops a worker that caches access tokens there', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const response = await browse(environment({ TOKEN_BACKEND: 'd1+kv', KV: undefined })).fetch('/');
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('the binding KV')]);
  });

  test('KV that is missing stops a worker that keeps its tokens there', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const response = await browse(environment({ ...inKv, KV: undefined })).fetch('/');
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('the binding KV')]);
  });

  test('TOKENKEEP_KEYRING may be a binding of the Secrets Store', async () => {
    const browser = browse(environment({ TOKENKEEP_KEYRING: { get: async () => keyring } }));
    await signIn(server, browser);
    expect(await (await browser.fetch('/auth/session')).json()).toMatchObject({ signedIn: true });
  });
});

describe('the demo’s routes', () => {
  const routes = [
    ['/demo/settings', 'GET'],
    ['/demo/record', 'GET'],
    ['/demo/expire', 'POST'],
  ] as const;

  test.each([undefined, '', 'off', 'true', 'ON', '1'])(
    'do not exist with DEMO=%s, not even for a session',
    async (DEMO) => {
      const browser = browse(environment({ DEMO }));
      await signIn(server, browser);
      for (const [path, method] of routes) {
        const response = await browser.fetch(path, { method });
        expect([response.status, await response.text()]).toEqual([404, expect.not.stringContaining('{')]);
      }
    },
  );

  const demo = { DEMO: 'on', PAGE_CLIENT_ID: 'page' };

  test('are for our own page alone', async () => {
    const browser = browse(environment(demo));
    await signIn(server, browser);
    for (const [path, method] of routes) {
      const response = await browser.fetch(path, { method, headers: { 'Sec-Fetch-Site': 'cross-site' } });
      expect(response.status).toBe(403);
    }
  });

  test('tell the page how to sign in by itself', async () => {
    const response = await browse(environment(demo)).fetch('/demo/settings');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(await response.json()).toEqual({
      issuer,
      pageClientId: 'page',
      apiOrigin: api,
      backend: 'd1',
      rotation: 'strict',
    });
  });

  test('show nothing without a session', async () => {
    const browser = browse(environment(demo));
    for (const [path, method] of routes.slice(1)) expect((await browser.fetch(path, { method })).status).toBe(401);
  });

  test('show the row in D1 as it is, beside the token', async () => {
    const browser = browse(environment(demo));
    await signIn(server, browser);
    const { token, columns, sealedColumn } = await (await browser.fetch('/demo/record')).json<any>();
    expect(token).toMatchObject({ userName: 'user-of-the-worker', tokenType: 'Bearer' });
    expect(server.userOf(token.accessToken)).toBe('user-of-the-worker');
    const row = await bindings.DB.prepare('SELECT * FROM tokenkeep_record WHERE id = ?').bind(token.id).first<any>();
    expect(columns.map(({ name }: { name: string }) => name)).toEqual(Object.keys(row));
    const sealed = columns.find(({ name }: { name: string }) => name === sealedColumn).hex;
    expect(Uint8Array.from(sealed.match(/../g), (pair: string) => Number.parseInt(pair, 16))).toEqual(
      new Uint8Array(row.sealed),
    );
    expect(columns).toContainEqual({ name: 'id', value: token.id });
    expect(columns).toContainEqual({ name: 'revision', value: token.revision });
    expect(JSON.stringify(columns)).not.toContain('sentinel');
  });

  test('show the entry in KV as it is, beside the token', async () => {
    const browser = browse(environment({ ...demo, ...inKv }));
    await signIn(server, browser);
    const { token, columns, sealedColumn } = await (await browser.fetch('/demo/record')).json<any>();
    expect(sealedColumn).toBe('value');
    const [{ value: key }, { value: metadata }, { hex }] = columns;
    const stored = await bindings.KV.getWithMetadata(key, 'arrayBuffer');
    expect(key).toContain(token.id);
    expect(JSON.parse(metadata)).toEqual(stored.metadata);
    expect(hex.length / 2).toBe((stored.value as ArrayBuffer).byteLength);
  });

  test('say why a record does not open, and still show it', async () => {
    const env = environment(demo);
    const browser = browse(env);
    await signIn(server, browser);
    await bindings.DB.prepare(
      "UPDATE tokenkeep_record SET revision = revision + 1 WHERE partition = 'default/tokens'",
    ).run();
    const shown = await (await browser.fetch('/demo/record')).json<any>();
    expect(shown.refused).toMatch(/altered/);
    expect([shown.token, shown.columns.length > 10]).toEqual([undefined, true]);
    await bindings.DB.prepare('DELETE FROM tokenkeep_record').run();
  });

  test('expire the token, so that the next call renews it', async () => {
    const browser = browse(environment(demo));
    await signIn(server, browser);
    const expired = await browser.fetch('/demo/expire', { method: 'POST' });
    expect((await expired.json<any>()).expiresAt).toBeLessThan(Date.now());
    expect((await (await browser.fetch('/auth/session')).json<any>()).expiresAt).toBeLessThan(Date.now());
    expect((await browser.fetch('/api/me')).status).toBe(200);
    expect(server.requests.at(-1)).toBe('POST /token refresh_token');
    expect((await (await browser.fetch('/auth/session')).json<any>()).expiresAt).toBeGreaterThan(Date.now());
  });
});
