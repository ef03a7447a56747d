import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { readSession } from '../../src/hono/session-cookie.ts';
import type { SeenCall } from '../support/protected-api.ts';
import type { TestBrowser } from '../support/test-browser.ts';
import { backends, type EdgeSetup, issuer, setUpEdge } from './edge-setup.ts';

const hour = 3_600_000;

async function call(browser: TestBrowser, path: string, init?: RequestInit): Promise<SeenCall> {
  const response = await browser.fetch(path, init);
  expect(response.status).toBe(200);
  return response.json();
}

describe('a call of the API', () => {
  test.each<[string, string, string]>([
    ['/api/me', 'GET', 'https://api.example/v2/me'],
    ['/api/me?a=1&a=2&b=%26%20', 'GET', 'https://api.example/v2/me?a=1&a=2&b=%26%20'],
    ['/api/projects/group%2Fname/', 'DELETE', 'https://api.example/v2/projects/group%2Fname/'],
    ['/api/a//b', 'GET', 'https://api.example/v2/a//b'],
    ['/api/?q', 'GET', 'https://api.example/v2/?q'],
    ['/api/me', 'OPTIONS', 'https://api.example/v2/me'],
  ])('to %s with %s arrives there, in the user’s name', async (path, method, url) => {
    const edge = await setUpEdge();
    expect(await call(await edge.signedIn(), path, { method })).toMatchObject({
      method,
      url,
      user: 'user-of-the-test',
      redirect: 'manual',
    });
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('with %s brings its body along', async (method) => {
    const edge = await setUpEdge();
    const headers = { 'Content-Type': 'application/json', 'If-Match': '"7"' };
    const seen = await call(await edge.signedIn(), '/api/things', { method, headers, body: '{"a":"ü"}' });
    expect(seen).toMatchObject({
      method,
      body: '{"a":"ü"}',
      headers: { 'content-type': 'application/json', 'if-match': '"7"' },
    });
  });

  test('with HEAD has no body', async () => {
    const edge = await setUpEdge();
    const response = await (await edge.signedIn()).fetch('/api/me', { method: 'HEAD' });
    expect([response.status, await response.text(), edge.api.calls]).toEqual([200, '', 1]);
  });

  test('is streamed both ways: the answer begins before the request has ended', async () => {
    const edge = await setUpEdge({
      fetch: (input, init) => {
        const request = new Request(input as Request, init);
        if (!request.url.startsWith('https://api.')) return edge.server.fetch(request);
        return Promise.resolve(new Response(request.body, { headers: { 'Content-Type': 'application/octet-stream' } }));
      },
    });
    const browser = await edge.signedIn();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const cookie = `__Host-tokenkeep-session=${browser.cookie('__Host-').value}`;
    const init = {
      method: 'POST',
      headers: { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' },
      body: readable,
      duplex: 'half',
    };
    const response = await edge.app.request('https://app.example/api/echo', init as RequestInit);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (const byte of [7, 8]) {
      const [{ value }] = await Promise.all([reader.read(), writer.write(Uint8Array.of(byte))]);
      expect(value).toEqual(Uint8Array.of(byte));
    }
    await writer.close();
    expect((await reader.read()).done).toBe(true);
  });

  test('tells the API nothing of the session, the page or the edge', async () => {
    const edge = await setUpEdge();
    const headers = {
      Accept: 'application/json',
      Authorization: 'Bearer sentinel-of-the-caller',
      'CF-Connecting-IP': '203.0.113.7',
      Connection: 'keep-alive, X-Custom',
      Forwarded: 'for=203.0.113.7',
      'Proxy-Authorization': 'Basic sentinel-of-the-caller',
      Referer: 'https://app.example/inbox?sentinel-of-the-caller',
      TE: 'trailers',
      'X-Custom': 'kept',
      'X-Forwarded-For': '203.0.113.7',
      'X-HTTP-Method-Override': 'DELETE',
    };
    const seen = await call(await edge.signedIn(), '/api/me', { headers });
    expect(Object.keys(seen.headers).sort()).toEqual(['accept', 'authorization', 'x-custom']);
    expect(JSON.stringify(seen)).not.toMatch(/sentinel-of-the-caller|203\.0\.113\.7|__Host-/);
  });

  test('brings back nothing that speaks for our origin', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    edge.api.next = () =>
      new Response('<script>alert(1)</script>', {
        status: 203,
        headers: {
          'Access-Control-Allow-Origin': '*',
          'Cache-Control': 'public, max-age=3600',
          'Clear-Site-Data': '"*"',
          Connection: 'X-Hop',
          'Content-Security-Policy': "script-src 'unsafe-inline'",
          'Content-Type': 'text/html',
          'Set-Cookie': '__Host-tokenkeep-session=evil; Path=/; Secure',
          'Strict-Transport-Security': 'max-age=0',
          'X-Hop': '1',
          'X-Kept': '1',
        },
      });
    const before = browser.cookie('__Host-tokenkeep-session').value;
    const response = await browser.fetch('/api/answer');
    expect(response.status).toBe(203);
    expect(Object.fromEntries(response.headers)).toEqual({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'content-type': 'text/html',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'tokenkeep-outcome': 'fresh',
      'x-content-type-options': 'nosniff',
      'x-kept': '1',
    });
    expect(browser.cookie('__Host-tokenkeep-session').value).toBe(before);
  });

  test.each<[string, string, string]>([
    ['/things/7?a#b', '/api/v2/things/7?a#b', 'beside the API'],
    ['https://api.example/v2/things/7?a#b', '/api/things/7?a#b', 'within it'],
    ['./things/7', '/api/things/7', 'relative to it'],
    ['https://files.example/x?signature=1', 'https://files.example/x?signature=1', 'elsewhere'],
    ['https://api.example.evil.example/v2/x', 'https://api.example.evil.example/v2/x', 'to a look-alike'],
  ])('is not followed when it is redirected to %s', async (location, expected, where) => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    edge.api.next = () => new Response(null, { status: 307, headers: { Location: location } });
    const response = await browser.fetch('/api/answer', { method: 'POST', body: 'x' });
    expect(response.status).toBe(307);
    expect(response.headers.get('Location')).toBe(
      where === 'beside the API' ? `https://api.example${location}` : expected,
    );
    expect(edge.api.calls).toBe(1);
  });

  test.each(['304', '204', '404', '500'])('answers %s as the API does', async (status) => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    edge.api.next = () => new Response(null, { status: Number(status) });
    expect((await browser.fetch('/api/answer')).status).toBe(Number(status));
  });

  test('is 502 when the API cannot be reached', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    edge.api.down = true;
    const response = await browser.fetch('/api/me', { method: 'POST', body: 'x' });
    expect([response.status, await response.json()]).toEqual([
      502,
      { error: { code: 'E_NETWORK', message: 'the API could not be reached; try again' } },
    ]);
  });

  test('is 404 where no API is configured', async () => {
    const edge = await setUpEdge({ api: undefined });
    expect((await (await edge.signedIn()).fetch('/api/me')).status).toBe(404);
  });
});

describe('a path', () => {
  test.each([
    '/api//evil.example/',
    '/api/%2fevil.example/',
    '/api/%5cevil.example/',
    '/api/..%2f..%2fadmin',
    '/api/%2e%2e%2fadmin',
    '/api/%252e%252e/admin',
    '/api/%25252e%25252e%25252fadmin',
    '/api/..%5cadmin',
    '/api/..;/admin',
    '/api/a%00b',
    '/api/a%0d%0aX-Header:%20b',
    '/%61pi/me',
  ])('that could be read as another one is 400 and goes nowhere: %s', async (path) => {
    const edge = await setUpEdge();
    const response = await (await edge.signedIn()).fetch(path);
    expect(response.status).toBe(400);
    expect(edge.api.calls).toBe(0);
  });

  test.each(['/api/../admin', '/api/%2e%2e/admin', '/api/./../admin', '/api\\..\\..\\admin', '/apix/me', '/API/me'])(
    'that does not begin with ours is not ours: %s',
    async (path) => {
      const edge = await setUpEdge();
      expect((await (await edge.signedIn()).fetch(path)).status).toBe(404);
      expect(edge.api.calls).toBe(0);
    },
  );

  test('beneath the mount of an app is forwarded without it, and the callback lies there too', async () => {
    const { tokenkeep } = await import('../../src/hono/tokenkeep.ts');
    const edge = await setUpEdge();
    const { value } = (await edge.signedIn()).cookie('__Host-tokenkeep-session');
    const app = new Hono().route(
      '/zoho',
      tokenkeep(() => edge.options),
    );
    const headers = { Cookie: `__Host-tokenkeep-session=${value}` };
    const response = await app.request('https://app.example/zoho/api/me?a', { headers });
    expect(await response.json()).toMatchObject({ url: 'https://api.example/v2/me?a' });
    const login = await app.request('https://app.example/zoho/auth/login');
    const request = new URL(login.headers.get('Location') ?? '');
    expect(request.searchParams.get('redirect_uri')).toBe('https://app.example/zoho/auth/callback');
  });
});

describe('a session of another server or client at the same host', () => {
  test.each([
    ['server', { provider: { issuer: 'https://other-login.example' } }],
    ['client', { clientId: 'another-client' }],
  ])('shows no token to the API of this %s', async (_, change) => {
    const edge = await setUpEdge();
    const { value } = (await edge.signedIn()).cookie('__Host-tokenkeep-session');
    const { keyring, backend, tenant = '', client } = edge.options;
    const other = await setUpEdge({ keyring, backend, tenant, client: { ...client, ...change } });
    const browser = other.newBrowser();
    browser.plant('__Host-tokenkeep-session', value);
    const app = new Hono().get('/', async (c) => {
      const [here, there] = [await readSession(c, other.options), await readSession(c, edge.options)];
      return c.json({ here: here !== undefined, there: there !== undefined });
    });
    for (const wait of [0, hour]) {
      other.wait(wait);
      expect((await browser.fetch('/api/me')).status).toBe(401);
      expect((await browser.fetch('/auth/token', { method: 'POST' })).status).toBe(401);
      expect(await (await browser.fetch('/auth/session')).json()).toEqual({ signedIn: false });
      const session = await app.request('https://app.example/', {
        headers: { Cookie: `__Host-tokenkeep-session=${value}` },
      });
      expect(await session.json()).toEqual({ here: false, there: true });
    }
    expect([other.api.calls, other.server.requests, edge.server.isGranted('user-of-the-test')]).toEqual([0, [], true]);
  });
});

describe('a record that has come to hold the token of another', () => {
  test.each([
    ['server', { issuer: 'https://other-login.example' }],
    ['client', { clientId: 'another-client' }],
  ])('%s is shown to nobody here, and renewed nowhere', async (_, change) => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    const [token] = await edge.store.getTokens();
    const tokens = { accessToken: 'sentinel-access', refreshToken: 'sentinel-refresh', expiresAt: Date.now() + hour };
    const strange = { userName: 'user-of-the-test', issuer, clientId: 'edge-client', ...change };
    await edge.store.saveToken({ id: token?.id as string, ...strange, ...tokens });
    for (const wait of [0, hour]) {
      edge.wait(wait);
      expect((await browser.fetch('/api/me')).ok).toBe(false);
      expect((await browser.fetch('/auth/token', { method: 'POST' })).ok).toBe(false);
      expect(await (await browser.fetch('/auth/session')).json()).toEqual({ signedIn: false });
    }
    expect([edge.api.calls, edge.server.requests]).toEqual([0, ['POST /token authorization_code']]);
    expect(browser.received.join()).not.toContain('sentinel-access');
  });
});

describe.each(Object.keys(backends) as ('D1' | 'KV')[])('an expired token in %s', (kept) => {
  test('is renewed before the call', async () => {
    const edge = await setUpEdge({ kept });
    const browser = await edge.signedIn();
    const first = await call(browser, '/api/me');
    edge.wait(hour);
    const second = await call(browser, '/api/me');
    expect(second.user).toBe('user-of-the-test');
    expect(second.headers.authorization).not.toBe(first.headers.authorization);
    expect(edge.server.requests).toEqual(['POST /token authorization_code', 'POST /token refresh_token']);
  });
});

describe('an expired token', () => {
  const renewals = ({ server }: EdgeSetup) =>
    server.requests.filter((request) => request.endsWith('refresh_token')).length;

  test('is renewed once for ten calls at the same time', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    edge.wait(hour);
    const seen = await Promise.all(Array.from({ length: 10 }, (_, i) => call(browser, `/api/things/${i}`)));
    expect(new Set(seen.map(({ headers }) => headers.authorization)).size).toBe(1);
    expect([renewals(edge), edge.server.reuses, edge.api.calls]).toEqual([1, 0, 10]);
    expect(edge.server.isGranted('user-of-the-test')).toBe(true);
  });

  test('is renewed once for calls of two browsers and the page itself', async () => {
    const edge = await setUpEdge();
    const browsers = [await edge.signedIn(), await edge.signedIn()];
    edge.wait(hour);
    const answers = await Promise.all(
      browsers.flatMap((browser) => [
        browser.fetch('/api/me'),
        browser.fetch('/auth/token', { method: 'POST' }),
        browser.fetch('/auth/session'),
      ]),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect([renewals(edge), edge.server.reuses]).toEqual([1, 0]);
  });

  test('is renewed, and the new one kept, even when the page has gone', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    const [before] = await edge.store.getTokens();
    edge.wait(hour);
    edge.left.length = 0;
    const answer = browser.fetch('/api/me');
    expect(edge.left).toHaveLength(1);
    await edge.left[0];
    const [after] = await edge.store.getTokens();
    expect(after?.refreshToken).not.toBe(before?.refreshToken);
    await answer;
  });

  test('that the server no longer renews is 401 with a code', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    const [token] = await edge.store.getTokens();
    await edge.store.saveToken({
      id: token?.id as string,
      refreshToken: 'sentinel-refresh-of-nobody',
      accessToken: null,
    });
    const response = await browser.fetch('/api/me');
    expect([response.status, await response.json()]).toMatchObject([401, { error: { code: 'E_REAUTH' } }]);
    expect(edge.api.calls).toBe(0);
  });
});
