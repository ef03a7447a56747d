import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { accessTokenCache } from '../../src/store/access-token-cache.ts';
import type { TestBrowser } from '../support/test-browser.ts';
import { backends, type EdgeSetup, setUpEdge } from './edge-setup.ts';

const day = 86_400_000;
const user = 'user-of-the-test';

async function signOut(browser: TestBrowser, body?: object): Promise<[number, unknown]> {
  const headers = { 'Content-Type': 'application/json' };
  const init = body === undefined ? {} : { headers, body: JSON.stringify(body) };
  const response = await browser.fetch('/auth/logout', { method: 'POST', ...init });
  return [response.status, await response.json()];
}

const statusOf = async (browser: TestBrowser): Promise<number> => (await browser.fetch('/api/me')).status;

/** Whether the server still honours what is stored now, asked later. A second sign-in has left the first one's grant behind. */
async function storedGrant({ server, store }: EdgeSetup, userName = user): Promise<() => boolean> {
  const [token] = await store.findTokens({ userName });
  return () => server.userOf(token?.accessToken as string) === userName;
}

async function sessions({ options }: EdgeSetup): Promise<number> {
  return (await options.backend.page(`${options.tenant}/sessions`, 100)).records.length;
}

describe.each(Object.keys(backends) as ('D1' | 'KV')[])('a sign-out, with tokens in %s', (kept) => {
  test('ends the session of its browser, and keeps the token that others use', async () => {
    const edge = await setUpEdge({ kept });
    const [first, second] = [await edge.signedIn(), await edge.signedIn()];
    expect(await signOut(first)).toEqual([
      200,
      { signedOut: true, ended: 'session', revoked: false, message: expect.stringContaining('everywhere') },
    ]);
    expect([await statusOf(first), await statusOf(second), first.cookies.size]).toEqual([401, 200, 0]);
    const granted = await storedGrant(edge);
    expect([granted(), (await edge.store.getTokens()).length]).toEqual([true, 1]);
    expect(await signOut(second)).toEqual([200, { signedOut: true, ended: 'token', revoked: true }]);
    expect([granted(), (await edge.store.getTokens()).length]).toEqual([false, 0]);
  });

  test('of everywhere ends the token, and every session that uses it', async () => {
    const edge = await setUpEdge({ kept });
    const [first, second, stranger] = [await edge.signedIn(), await edge.signedIn(), await edge.signedIn('another')];
    const granted = [await storedGrant(edge), await storedGrant(edge, 'another')];
    expect(await signOut(first, { everywhere: true })).toEqual([
      200,
      { signedOut: true, ended: 'token', revoked: true },
    ]);
    expect([await statusOf(first), await statusOf(second), await statusOf(stranger)]).toEqual([401, 401, 200]);
    expect([...granted.map((isAlive) => isAlive()), await sessions(edge)]).toEqual([false, true, 1]);
  });

  test('looks past sessions whose time is over', async () => {
    const edge = await setUpEdge({ kept });
    await edge.signedIn();
    edge.wait(6 * day);
    const second = await edge.signedIn();
    edge.wait(2 * day);
    expect(await signOut(second)).toMatchObject([200, { ended: 'token', revoked: true }]);
  });

  test('by a plain form of our own page works as well', async () => {
    const edge = await setUpEdge({ kept });
    const browser = await edge.signedIn();
    const form = new URLSearchParams({ everywhere: 'false' });
    expect((await browser.fetch('/auth/logout', { method: 'POST', body: form })).status).toBe(200);
    expect(await edge.store.getTokens()).toEqual([]);
  });

  test.each([['{"everywhere":"yes"}'], ['{"everywhere":1}'], ['[]'], ['null'], ['{sentinel']])(
    'that says %s is refused, and ends nothing',
    async (body) => {
      const edge = await setUpEdge({ kept });
      const browser = await edge.signedIn();
      const headers = { 'Content-Type': 'application/json' };
      const response = await browser.fetch('/auth/logout', { method: 'POST', headers, body });
      expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'E_INPUT' } }]);
      expect(browser.received.at(-1)).not.toContain('sentinel');
      expect(await statusOf(browser)).toBe(200);
    },
  );
});

describe('a sign-out', () => {
  test('of the last two browsers at the same moment leaves no token behind', async () => {
    for (let round = 0; round < 10; round++) {
      const edge = await setUpEdge();
      const browsers = [await edge.signedIn(), await edge.signedIn()];
      const granted = await storedGrant(edge);
      await Promise.all(browsers.map((browser) => signOut(browser)));
      expect([granted(), (await edge.store.getTokens()).length, await sessions(edge)]).toEqual([false, 0, 0]);
    }
  });

  test('during a renewal leaves no live grant behind, whoever renews', async () => {
    const edge = await setUpEdge();
    const first = await edge.signedIn();
    const second = edge.newBrowser();
    const { name, value } = first.cookie('__Host-tokenkeep-session');
    second.plant(name, value);
    edge.wait(3_600_000);
    edge.server.beforeAnswer = async () => {
      edge.server.beforeAnswer = async () => undefined;
      await signOut(second, { everywhere: true });
    };
    expect(await statusOf(first)).toBe(401);
    expect([edge.server.isGranted(user), (await edge.store.getTokens()).length]).toEqual([false, 0]);
  });

  test('revokes the token that it deletes, though it was renewed in the same moment', async () => {
    const d1 = d1Backend(env.DB);
    const inBetween: (() => Promise<unknown>)[] = [];
    const backend = {
      ...d1,
      delete: async (partition: string, id: string) => {
        if (partition.endsWith('/tokens')) await inBetween.pop()?.();
        return d1.delete(partition, id);
      },
    };
    const edge = await setUpEdge({ backend });
    const [first, second] = [await edge.signedIn(), edge.newBrowser()];
    const { name, value } = first.cookie('__Host-tokenkeep-session');
    second.plant(name, value);
    edge.wait(3_600_000);
    inBetween.push(async () => expect(await statusOf(second)).toBe(200));
    expect(await signOut(first)).toEqual([200, { signedOut: true, ended: 'token', revoked: true }]);
    expect([edge.server.isGranted(user), (await edge.store.getTokens()).length]).toEqual([false, 0]);
  });

  /** A D1 backend whose next deletion in this collection fails. */
  const failing = (collection: string) => {
    const d1 = d1Backend(env.DB);
    let left = 1;
    return {
      ...d1,
      delete: async (partition: string, id: string) => {
        if (partition.endsWith(`/${collection}`) && left-- > 0) throw new TokenkeepError('E_STORAGE', 'try again');
        return d1.delete(partition, id);
      },
    };
  };

  test('that the database breaks off can be tried again', async () => {
    const edge = await setUpEdge({ backend: failing('tokens') });
    const browser = await edge.signedIn();
    expect(await signOut(browser)).toMatchObject([503, { error: { code: 'E_STORAGE' } }]);
    expect([browser.cookies.size, await statusOf(browser)]).toEqual([1, 200]);
    expect(await signOut(browser)).toEqual([200, { signedOut: true, ended: 'token', revoked: true }]);
  });

  test('tells the server even when a session cannot be ended', async () => {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const plain = await setUpEdge({ backend: failing('sessions') });
    const slow: typeof fetch = async (input, init) => {
      if (new Request(input as Request, init).url.endsWith('/revoke')) await held;
      return plain.server.fetch(input as Request, init);
    };
    const { keyring, tenant = '', client, backend } = plain.options;
    const edge = { ...(await setUpEdge({ keyring, tenant, client, backend, fetch: slow })), server: plain.server };
    const { name, value } = (await plain.signedIn()).cookie('__Host-tokenkeep-session');
    const browser = edge.newBrowser();
    browser.plant(name, value);
    expect(await signOut(browser)).toMatchObject([503, { error: { code: 'E_STORAGE' } }]);
    expect(edge.server.isGranted(user)).toBe(true);
    // the answer has left, and the Worker lives until the server has been told
    letGo();
    await Promise.all(edge.left);
    expect([edge.server.isGranted(user), (await edge.store.getTokens()).length]).toEqual([false, 0]);
    expect(await statusOf(browser)).toBe(401);
  });

  test('takes its token out of the cache of access tokens', async () => {
    const { keyring, tenant = '' } = (await setUpEdge()).options;
    const prefix = `cache-${tenant}/`;
    const cache = accessTokenCache({ namespace: env.KV, keyring: await importKeyring(keyring), tenant, prefix });
    const edge = await setUpEdge({ keyring, tenant, cache });
    const browser = await edge.signedIn();
    expect((await browser.fetch('/api/me')).headers.get('Tokenkeep-Outcome')).toBe('fresh');
    await Promise.all(edge.left);
    expect((await browser.fetch('/api/me')).headers.get('Tokenkeep-Outcome')).toBe('cached');
    expect((await env.KV.list({ prefix })).keys).toHaveLength(1);
    await signOut(browser);
    expect((await env.KV.list({ prefix })).keys).toEqual([]);
  });
});
