import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import type { KeptRecord } from '../../src/core/record-backend.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import type { TestBrowser } from '../support/test-browser.ts';
import { backends, setUpEdge } from './edge-setup.ts';

const day = 86_400_000;
const name = '__Host-tokenkeep-session';

async function answer(browser: TestBrowser, path: string, init?: RequestInit): Promise<[number, unknown]> {
  const response = await browser.fetch(path, init);
  expect(response.headers.get('Cache-Control')).toBe('no-store');
  expect(response.headers.get('Content-Type')).toMatch(/^application\/json/);
  return [response.status, await response.json()];
}

const post = { method: 'POST' };
const refused = (code: string) => ({ error: { code, message: expect.stringMatching(/^.{10,}$/) } });

describe('without a session', () => {
  test('nobody is signed in, and nothing that needs a session works', async () => {
    const browser = (await setUpEdge()).newBrowser();
    expect(await answer(browser, '/auth/session')).toEqual([200, { signedIn: false }]);
    expect(await answer(browser, '/auth/token', post)).toEqual([401, refused('E_REAUTH')]);
    expect(await answer(browser, '/api/me')).toEqual([401, refused('E_REAUTH')]);
    expect(await answer(browser, '/auth/logout', post)).toEqual([
      200,
      { signedOut: true, ended: 'nothing', revoked: false, message: 'nobody was signed in' },
    ]);
  });

  test.each<[string, (cookie: string) => string]>([
    ['is empty', () => ''],
    ['is garbage', () => 'garbage'],
    ['is JSON', () => encodeURIComponent('{"tokenId":"1","expiresAt":9e15}')],
    ['is cut short', (cookie) => cookie.slice(0, -16)],
    ['is longer', (cookie) => `${cookie}AAAA`],
    ['is very long', () => 'A'.repeat(7000)],
    ['has another version', (cookie) => `B${cookie.slice(1)}`],
    ['names another key', (cookie) => `${cookie.slice(0, 4)}${cookie[4] === 'A' ? 'B' : 'A'}${cookie.slice(5)}`],
    ['has another IV', (cookie) => `${cookie.slice(0, 34)}${cookie[34] === 'A' ? 'B' : 'A'}${cookie.slice(35)}`],
    ['has other content', (cookie) => `${cookie.slice(0, 150)}${cookie[150] === 'A' ? 'B' : 'A'}${cookie.slice(151)}`],
  ])('a cookie that %s is none', async (_, alter) => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    browser.plant(name, alter(browser.cookie(name).value));
    expect(await answer(browser, '/auth/session')).toEqual([200, { signedIn: false }]);
    expect(await answer(browser, '/auth/token', post)).toEqual([401, refused('E_REAUTH')]);
    expect(await answer(browser, '/api/me')).toEqual([401, refused('E_REAUTH')]);
  });

  test('a login cookie under its name is none', async () => {
    const edge = await setUpEdge();
    const browser = edge.newBrowser();
    await browser.fetch('/auth/login');
    browser.plant(name, browser.cookie('__Host-tokenkeep-login-').value);
    expect(await answer(browser, '/auth/session')).toEqual([200, { signedIn: false }]);
  });

  test('a cookie of another tenant, or of another keyring, is none', async () => {
    const edge = await setUpEdge();
    const { value } = (await edge.signedIn()).cookie(name);
    for (const change of [{ keyring: edge.options.keyring }, { tenant: edge.options.tenant as string }]) {
      const browser = (await setUpEdge(change)).newBrowser();
      browser.plant(name, value);
      expect(await answer(browser, '/auth/session')).toEqual([200, { signedIn: false }]);
    }
  });
});

describe.each(Object.keys(backends) as ('D1' | 'KV')[])('a session, with tokens in %s', (kept) => {
  test('gives the page an access token that works, and nothing more lasting', async () => {
    const edge = await setUpEdge({ kept });
    const browser = await edge.signedIn();
    const [status, token] = await answer(browser, '/auth/token', post);
    expect(status).toBe(200);
    expect(token).toEqual({ accessToken: expect.any(String), tokenType: 'Bearer', expiresAt: expect.any(Number) });
    expect(edge.server.userOf((token as { accessToken: string }).accessToken)).toBe('user-of-the-test');
  });

  test('gives a renewed access token when the old one has expired', async () => {
    const edge = await setUpEdge({ kept });
    const browser = await edge.signedIn();
    const [, before] = await answer(browser, '/auth/token', post);
    edge.wait(3_600_000);
    const [, after] = await answer(browser, '/auth/token', post);
    expect(after).not.toEqual(before);
    expect(edge.server.userOf((after as { accessToken: string }).accessToken)).toBe('user-of-the-test');
    expect(edge.server.requests).toEqual(['POST /token authorization_code', 'POST /token refresh_token']);
  });

  test('ends with the sign-out: at the server, in the database and in the browser', async () => {
    const edge = await setUpEdge({ kept });
    const browser = await edge.signedIn();
    const { value } = browser.cookie(name);
    expect(await answer(browser, '/auth/logout', post)).toEqual([
      200,
      { signedOut: true, ended: 'token', revoked: true },
    ]);
    expect(edge.server.requests.at(-1)).toBe('POST /revoke refresh_token');
    expect(edge.server.isGranted('user-of-the-test')).toBe(false);
    expect(await edge.store.getTokens()).toEqual([]);
    expect(browser.cookies.size).toBe(0);
    // a copy of the cookie is worth nothing
    browser.plant(name, value);
    expect(await answer(browser, '/auth/session')).toEqual([200, { signedIn: false }]);
    expect(await answer(browser, '/auth/token', post)).toEqual([401, refused('E_REAUTH')]);
  });

  test('ends with a sign-out that cannot reach the server, which is said', async () => {
    const edge = await setUpEdge({ kept });
    const browser = await edge.signedIn();
    edge.server.down = true;
    expect(await answer(browser, '/auth/logout', post)).toEqual([
      200,
      {
        signedOut: true,
        ended: 'token',
        revoked: false,
        message: expect.stringContaining('did not take the revocation'),
      },
    ]);
    expect(await edge.store.getTokens()).toEqual([]);
    expect(browser.cookies.size).toBe(0);
  });

  test('that ends while its token is renewed leaves no live grant behind', async () => {
    const edge = await setUpEdge({ kept });
    const browser = await edge.signedIn();
    edge.wait(3_600_000);
    edge.server.beforeAnswer = () => edge.store.deleteTokens();
    expect(await answer(browser, '/auth/token', post)).toEqual([401, refused('E_REAUTH')]);
    expect(edge.server.requests.slice(-2)).toEqual(['POST /token refresh_token', 'POST /revoke refresh_token']);
    expect(edge.server.isGranted('user-of-the-test')).toBe(false);
    expect(await edge.store.getTokens()).toEqual([]);
  });

  test('begins anew for a user whose record was damaged', async () => {
    const edge = await setUpEdge({ kept });
    await edge.signedIn();
    const { backend } = edge.options;
    const [record] = (await backend.page(`${edge.options.tenant}/tokens`, 1)).records as [KeptRecord];
    await backend.delete(record.partition, record.id);
    await backend.put({ ...record, sealed: record.sealed.slice(0, -1) }, {});
    const browser = await edge.signedIn();
    expect(await answer(browser, '/auth/session')).toMatchObject([200, { signedIn: true, user: 'user-of-the-test' }]);
    expect(await edge.store.getTokens()).toHaveLength(1);
  });

  test('ends when its token is deleted elsewhere', async () => {
    const edge = await setUpEdge({ kept });
    const browser = await edge.signedIn();
    await edge.store.deleteTokens();
    expect(await answer(browser, '/auth/session')).toEqual([200, { signedIn: false }]);
    expect(await answer(browser, '/api/me')).toEqual([401, refused('E_REAUTH')]);
  });
});

describe('a session', () => {
  test('ends after thirty days, however much it is used, even if the browser keeps its cookie', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    for (let days = 1; days < 30; days++) {
      edge.wait(day);
      expect((await browser.fetch('/auth/session')).headers.has('Set-Cookie')).toBe(false);
    }
    expect(await answer(browser, '/auth/session')).toMatchObject([200, { signedIn: true }]);
    edge.wait(day);
    expect(await answer(browser, '/auth/session')).toEqual([200, { signedIn: false }]);
    expect(await answer(browser, '/auth/token', post)).toEqual([401, refused('E_REAUTH')]);
  });

  test('lasts as long as it is set to', async () => {
    const edge = await setUpEdge({ sessionMs: 60_000 });
    const browser = await edge.signedIn();
    expect(browser.cookie(name).attributes).toContain('max-age=60');
    edge.wait(60_000);
    expect(await answer(browser, '/auth/session')).toEqual([200, { signedIn: false }]);
  });

  test('outlives a change of the sealing key, as long as the old one is kept', async () => {
    const keys: { readonly kid: string }[] = [];
    for (let i = 0; i < 2; i++) keys.push(...JSON.parse(await generateKeyring()).keys);
    const keyring = (primary: number) =>
      JSON.stringify({ v: 1, primary: keys[primary]?.kid, index: keys[0]?.kid, keys });
    const edge = await setUpEdge({ keyring: keyring(0) });
    const { value } = (await edge.signedIn()).cookie(name);
    const later = await setUpEdge({ keyring: keyring(1), tenant: edge.options.tenant as string });
    const browser = later.newBrowser();
    browser.plant(name, value);
    expect(await answer(browser, '/auth/session')).toMatchObject([200, { signedIn: true }]);
  });

  test('whose grant the server has ended asks to sign in again, and keeps its token for that', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    const [token] = await edge.store.getTokens();
    await edge.store.saveToken({
      id: token?.id as string,
      refreshToken: 'sentinel-refresh-of-nobody',
      accessToken: null,
    });
    const reason = 'refused';
    expect(await answer(browser, '/auth/token', post)).toMatchObject([401, { error: { code: 'E_REAUTH', reason } }]);
    expect(await edge.store.getTokens()).toHaveLength(1);
    const at = expect.any(Number);
    expect((await answer(browser, '/auth/session'))[1]).toMatchObject({ reauthRequired: { reason, at } });
    expect((await answer(await edge.signedIn(), '/auth/session'))[1]).not.toHaveProperty('reauthRequired');
  });

  test('survives a server that cannot be reached', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    edge.wait(3_600_000);
    edge.server.down = true;
    const refusal = await browser.fetch('/auth/token', post);
    expect([refusal.status, await refusal.json()]).toEqual([503, refused('E_UNAVAILABLE')]);
    expect(Number(refusal.headers.get('Retry-After'))).toBeGreaterThan(0);
    edge.server.down = false;
    await edge.endCooling();
    expect(await answer(browser, '/auth/token', post)).toMatchObject([200, { tokenType: 'Bearer' }]);
  });

  test('whose record was altered is an error with a code, never a crash, and can be ended', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    const [token] = await edge.store.getTokens();
    const { success } = await env.DB.prepare('UPDATE tokenkeep_record SET sealed = ? WHERE id = ?')
      .bind(new Uint8Array(338).fill(1), token?.id)
      .run();
    expect(success).toBe(true);
    const [status, body] = await answer(browser, '/auth/session');
    expect(status).toBe(503);
    expect(['E_FORMAT', 'E_AUTH', 'E_KEY_UNKNOWN']).toContain((body as { error: { code: string } }).error.code);
    expect((await answer(browser, '/auth/token', post))[0]).toBe(503);
    expect(await answer(browser, '/auth/logout', post)).toMatchObject([200, { signedOut: true, revoked: false }]);
    expect(browser.cookies.size).toBe(0);
    expect(await edge.store.getTokens()).toEqual([]);
  });
});

describe('a database that fails', () => {
  const broken = d1Backend({
    prepare: () => {
      throw new Error('D1_ERROR: sentinel-of-the-database: Network connection lost');
    },
    batch: () => expect.unreachable(),
  });

  test('is 503 with a code and none of its words', async () => {
    const edge = await setUpEdge();
    const { value } = (await edge.signedIn()).cookie(name);
    const { keyring, tenant = '' } = edge.options;
    const browser = (await setUpEdge({ backend: broken, keyring, tenant })).newBrowser();
    browser.plant(name, value);
    for (const [path, init] of [
      ['/auth/session'],
      ['/auth/token', post],
      ['/auth/logout', post],
      ['/api/me'],
    ] as const) {
      expect(await answer(browser, path, init)).toEqual([503, refused('E_STORAGE')]);
    }
    expect(browser.received.join()).not.toContain('sentinel-of-the-database');
    // still there, so that signing out can be tried again
    expect(browser.cookies.size).toBe(1);
  });

  test('during a sign-in is a page that says so', async () => {
    const edge = await setUpEdge({ backend: broken });
    const browser = edge.newBrowser();
    const login = await browser.fetch('/auth/login');
    const back = edge.server.authorize(login.headers.get('Location') ?? '', { user: 'user-of-the-test' });
    const callback = await browser.navigate(back.href);
    expect([callback.status, callback.headers.get('Content-Type')]).toEqual([503, 'text/html; charset=UTF-8']);
    expect(await callback.text()).not.toContain('sentinel');
    expect(browser.cookies.size).toBe(0);
  });
});
