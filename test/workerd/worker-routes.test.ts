import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import type { EdgeOptions } from '../../src/hono/edge-options.ts';
import { openSealedCookie, setSealedCookie } from '../../src/hono/sealed-cookie.ts';
import { tokenkeep } from '../../src/hono/tokenkeep.ts';
import { testKeyring } from '../support/test-keyring.ts';
import { setUpEdge } from './edge-setup.ts';

const session = '__Host-tokenkeep-session';

describe('the routes in an app of one’s own', () => {
  test('refuse every request while an option is wrong, and quote none', async () => {
    const edge = await setUpEdge();
    const wrong: EdgeOptions = { ...edge.options, api: 'http://sentinel.example' };
    const app = new Hono().route(
      '/',
      tokenkeep(() => wrong),
    );
    for (const path of ['/auth/login', '/auth/session', '/auth/session', '/api/me']) {
      const response = await app.request(`https://app.example${path}`);
      expect(response.status).toBe(503);
      const text = await response.text();
      expect(text).toContain('E_CONFIG');
      expect(text).not.toContain('sentinel');
    }
  });

  test('are configured once for each environment', async () => {
    const edge = await setUpEdge();
    const seen: unknown[] = [];
    const app = new Hono().route(
      '/',
      tokenkeep((env) => {
        seen.push(env);
        return edge.options;
      }),
    );
    const environments = [{ DB: 1 }, { DB: 2 }];
    for (const env of [...environments, ...environments]) await app.request('/auth/session', {}, env);
    expect(seen).toEqual(environments);
  });

  test('say what their answers are, and forbid guessing and keeping', async () => {
    const edge = await setUpEdge();
    for (const path of ['/auth/login', '/auth/callback', '/auth/session', '/api/me']) {
      const { headers } = await edge.newBrowser().fetch(path);
      expect([headers.get('X-Content-Type-Options'), headers.get('Cache-Control')]).toEqual(['nosniff', 'no-store']);
    }
  });

  test.each(['QUERY', 'PROPFIND', 'UNLOCK'])('forward no %s, which nobody has thought of', async (method) => {
    const edge = await setUpEdge();
    expect((await (await edge.signedIn()).fetch('/api/me', { method })).status).toBe(404);
    expect(edge.api.calls).toBe(0);
  });

  test('take no other spelling of their mount for their mount', async () => {
    const edge = await setUpEdge();
    const { value } = (await edge.signedIn()).cookie(session);
    const app = new Hono().route(
      '/zoho',
      tokenkeep(() => edge.options),
    );
    const headers = { Cookie: `${session}=${value}` };
    for (const path of ['/%7a%6fho/api/me', '/zoh%6f/api/me', '/zoho/%61pi/me']) {
      expect((await app.request(`https://app.example${path}`, { headers })).status).toBe(400);
    }
    expect(edge.api.calls).toBe(0);
  });

  test('show no token that is bound to a key, and send it nowhere', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    const [token] = await edge.store.getTokens();
    await edge.store.saveToken({ id: token?.id as string, tokenType: 'DPoP' });
    for (const [path, method] of [
      ['/auth/token', 'POST'],
      ['/api/me', 'GET'],
    ] as const) {
      const response = await browser.fetch(path, { method });
      expect([response.status, await response.json()]).toMatchObject([503, { error: { code: 'E_UNSUPPORTED' } }]);
    }
    expect(edge.api.calls).toBe(0);
  });

  test('survive cookies with the name of a sign-in that none could have', async () => {
    const edge = await setUpEdge();
    const Cookie = ['', '=', '%0d%0a', 'short', 'x'.repeat(300), '@@@@@@@@@@@@']
      .map((end) => `__Host-tokenkeep-login-${end}=x`)
      .join('; ');
    for (const [path, status] of [
      ['/auth/login', 302],
      ['/auth/callback?state=x&code=y', 400],
    ] as const) {
      const response = await edge.app.request(`https://app.example${path}`, { headers: { Cookie } });
      expect(response.status).toBe(status);
      expect(response.headers.getSetCookie().filter((line) => line.includes('Max-Age=0'))).toEqual([]);
    }
  });
});

describe('a sealed cookie', () => {
  test('opens under its own name, for its own purpose and tenant, and not otherwise', async () => {
    const keyring = await testKeyring();
    const kind = { name: '__Host-a', collection: 'login-cookie', sameSite: 'Lax' } as const;
    const app = new Hono();
    app.get('/set', async (c) => {
      await setSealedCookie(c, { keyring, tenant: 'acme' }, kind, { secret: 'value' }, 60_000);
      return c.body(null);
    });
    app.get('/get', async (c) => {
      const opened = [
        await openSealedCookie(c, { keyring, tenant: 'acme' }, kind),
        await openSealedCookie(c, { keyring, tenant: 'evil' }, kind),
        await openSealedCookie(c, { keyring, tenant: 'acme' }, { ...kind, collection: 'session-cookie' }),
        await openSealedCookie(c, { keyring, tenant: 'acme' }, { ...kind, name: '__Host-b' }),
      ];
      return c.json(opened.map((value) => value ?? null));
    });
    const [line = ''] = (await app.request('https://app.example/set')).headers.getSetCookie();
    const value = line.slice('__Host-a='.length, line.indexOf(';'));
    const headers = { Cookie: `__Host-a=${value}; __Host-b=${value}` };
    const response = await app.request('https://app.example/get', { headers });
    expect(await response.json()).toEqual([{ secret: 'value' }, null, null, null]);
  });
});
