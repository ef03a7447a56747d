import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import type { TokenEvent } from '../../src/core/token-event.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { dpop as boundTo } from '../../src/oauth/dpop.ts';
import { accessTokenCache } from '../../src/store/access-token-cache.ts';
import type { TestBrowser } from '../support/test-browser.ts';
import { type EdgeSetup, setUpEdge } from './edge-setup.ts';

const hour = 3_600_000;
const minute = 60_000;
const post = { method: 'POST' };

const outcomeOf = (response: Response): string | null => response.headers.get('Tokenkeep-Outcome');
const renewals = ({ server }: EdgeSetup): number =>
  server.requests.filter((request) => request === 'POST /token refresh_token').length;

/** An edge whose user's access token looks fresh, and is refused by the API. */
async function refusedByApi(): Promise<{ edge: EdgeSetup; browser: TestBrowser }> {
  const edge = await setUpEdge();
  const browser = await edge.signedIn();
  const [token] = await edge.store.getTokens();
  const now = Date.now();
  const stale = { accessToken: 'sentinel-access-of-nobody', obtainedAt: now - minute, expiresAt: now + hour };
  await edge.store.saveToken({ id: token?.id as string, ...stale });
  return { edge, browser };
}

describe('a call that the API refuses with 401', () => {
  test.each(['GET', 'DELETE', 'OPTIONS'])('is made again with a renewed token: %s', async (method) => {
    const { edge, browser } = await refusedByApi();
    const response = await browser.fetch('/api/things?a', { method });
    expect([response.status, outcomeOf(response)]).toEqual([200, 'refreshed']);
    expect(await response.json()).toMatchObject({ method, url: 'https://api.example/v2/things?a', redirect: 'manual' });
    expect([edge.api.calls, renewals(edge), edge.server.reuses]).toEqual([2, 1, 0]);
  });

  test('is not made again when it has a body, which is streamed and kept by nobody; but the next one works', async () => {
    const { edge, browser } = await refusedByApi();
    const first = await browser.fetch('/api/things', { ...post, body: 'a body' });
    expect([first.status, edge.api.calls, renewals(edge)]).toEqual([401, 1, 1]);
    const second = await browser.fetch('/api/things', { ...post, body: 'a body' });
    expect([second.status, (await second.json<{ body: string }>()).body]).toEqual([200, 'a body']);
    expect(renewals(edge)).toBe(1);
  });

  test('together with nine others costs one renewal', async () => {
    const { edge, browser } = await refusedByApi();
    const responses = await Promise.all(Array.from({ length: 10 }, (_, i) => browser.fetch(`/api/things/${i}`)));
    expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect([edge.api.calls, renewals(edge), edge.server.reuses]).toEqual([20, 1, 0]);
  });

  test('is handed to the page when the API refuses every token', async () => {
    const { edge, browser } = await refusedByApi();
    edge.server.userOf = () => undefined;
    const response = await browser.fetch('/api/things');
    expect([response.status, await response.json()]).toEqual([401, { error: 'invalid_token' }]);
    expect([edge.api.calls, renewals(edge)]).toEqual([2, 1]);
    await browser.fetch('/api/things');
    expect(renewals(edge)).toBe(1); // a token as young as that is not renewed for an API that likes none
  });

  test('asks to sign in where the server does not renew the token any more', async () => {
    const { edge, browser } = await refusedByApi();
    const [token] = await edge.store.getTokens();
    edge.server.ledger.revoke(token?.refreshToken as string);
    const response = await browser.fetch('/api/things');
    expect([response.status, await response.json()]).toMatchObject([
      401,
      { error: { code: 'E_REAUTH', reason: 'refused' } },
    ]);
  });
});

describe('the outcome of a call', () => {
  test('is told in a header: fresh, kept where the server is away, refreshed', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    expect(outcomeOf(await browser.fetch('/api/me'))).toBe('fresh');
    expect(outcomeOf(await browser.fetch('/auth/token', post))).toBe('fresh');
    edge.wait(hour - 2 * minute);
    edge.server.down = true;
    const kept = await browser.fetch('/api/me');
    expect([kept.status, outcomeOf(kept)]).toEqual([200, 'kept']);
    edge.server.down = false;
    await edge.endCooling();
    expect(outcomeOf(await browser.fetch('/api/me'))).toBe('refreshed');
    expect(outcomeOf(await browser.fetch('/api/me'))).toBe('fresh');
  });

  test('of many that find an expired token is refreshed for one, and joined or fresh for the others', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    edge.wait(hour);
    const responses = await Promise.all(Array.from({ length: 8 }, () => browser.fetch('/api/me')));
    const outcomes = responses.map(outcomeOf);
    expect(outcomes.filter((outcome) => outcome === 'refreshed')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'joined' || outcome === 'fresh')).toHaveLength(7);
    expect([renewals(edge), edge.server.reuses]).toEqual([1, 0]);
  });

  test('cannot be told by the API in our name', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    edge.api.next = () => new Response(null, { headers: { 'Tokenkeep-Outcome': 'sentinel' } });
    expect(outcomeOf(await browser.fetch('/api/answer'))).toBe('fresh');
  });

  test('is cached where access tokens are, and the store is not asked', async () => {
    const { keyring, tenant = '' } = (await setUpEdge()).options;
    const cache = accessTokenCache({
      namespace: env.KV,
      keyring: await importKeyring(keyring),
      tenant,
      prefix: `${tenant}/`,
    });
    const edge = await setUpEdge({ keyring, tenant, cache });
    const browser = await edge.signedIn();
    await browser.fetch('/api/me');
    await Promise.all(edge.left);
    await edge.store.deleteTokens();
    const response = await browser.fetch('/api/me');
    expect([response.status, outcomeOf(response)]).toEqual([200, 'cached']);
  });
});

describe('a renewal', () => {
  test('goes on when its caller hangs up, and is stored', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    edge.wait(hour);
    const { name, value } = browser.cookie('__Host-');
    const caller = new AbortController();
    edge.server.beforeAnswer = async () => caller.abort();
    const context = { waitUntil: (work: Promise<unknown>) => void edge.left.push(work), passThroughOnException() {} };
    const init = { headers: { Cookie: `${name}=${value}` }, signal: caller.signal };
    const request = new Request('https://app.example/api/me', init);
    const response = await edge.app.fetch(request, {}, { ...context, props: {} });
    expect([response.status, edge.api.calls]).toEqual([502, 0]);
    await Promise.all(edge.left);
    edge.server.beforeAnswer = async () => undefined;
    expect(outcomeOf(await browser.fetch('/api/me'))).toBe('fresh');
    expect([renewals(edge), edge.server.reuses]).toEqual([1, 0]);
  });

  test('is told of, with ids and no secret', async () => {
    const events: TokenEvent[] = [];
    const awaited: TokenEvent[] = [];
    const edge = await setUpEdge({
      onEvent: (event) => void events.push(event),
      onEventAwaited: async (event) => void awaited.push(event),
    });
    const browser = await edge.signedIn('sentinel-user');
    const [token] = await edge.store.getTokens();
    edge.wait(hour);
    await browser.fetch('/api/me');
    expect(events).toEqual([{ type: 'refreshed', tokenId: token?.id, revision: 2, at: expect.any(Number) }]);
    expect(awaited).toEqual(events);
    edge.wait(hour);
    edge.server.down = true;
    expect((await browser.fetch('/api/me')).status).toBe(503);
    expect(events.at(-1)).toMatchObject({ type: 'retry-later', retryAfterMs: expect.any(Number) });
    expect(JSON.stringify(events)).not.toContain('sentinel');
  });

  test('is left to the one who has that role', async () => {
    const edge = await setUpEdge({ role: 'reader' });
    const browser = await edge.signedIn();
    edge.wait(hour - 2 * minute);
    expect(outcomeOf(await browser.fetch('/api/me'))).toBe('kept');
    edge.wait(2 * minute);
    const response = await browser.fetch('/api/me');
    expect([response.status, await response.json()]).toMatchObject([503, { error: { code: 'E_UNAVAILABLE' } }]);
    expect([Number(response.headers.get('Retry-After')) > 0, renewals(edge)]).toEqual([true, 0]);
  });

  test('that a server refuses to the client is a configuration error, and costs the user nothing', async () => {
    const edge = await setUpEdge();
    const browser = await edge.signedIn();
    edge.wait(hour);
    const { keyring, tenant = '', client, now = Date.now } = edge.options;
    const other = await setUpEdge({ keyring, tenant, now, client: { ...client, clientSecret: 'sentinel-of-another' } });
    const { name, value } = browser.cookie('__Host-');
    const misconfigured = other.newBrowser();
    misconfigured.plant(name, value);
    const response = await misconfigured.fetch('/api/me');
    expect([response.status, await response.json()]).toMatchObject([503, { error: { code: 'E_CONFIG' } }]);
    await edge.endCooling();
    expect((await browser.fetch('/api/me')).status).toBe(200);
  });
});

describe('a token that is bound to a key', () => {
  async function bound(seen: Headers[]) {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    const plain = await setUpEdge();
    const edge = await setUpEdge({
      keyring: plain.options.keyring,
      tenant: plain.options.tenant as string,
      client: { ...plain.options.client, dpop: boundTo(pair as CryptoKeyPair) },
      fetch: async (input) => {
        seen.push((input as Request).headers);
        return new Response('seen');
      },
    });
    const { name, value } = (await plain.signedIn()).cookie('__Host-tokenkeep-session');
    const [token] = await plain.store.getTokens();
    await plain.store.saveToken({ id: token?.id as string, tokenType: 'DPoP' });
    const browser = edge.newBrowser();
    browser.plant(name, value);
    return { browser, token };
  }

  test('is presented with a proof where the client has the key', async () => {
    const seen: Headers[] = [];
    const { browser, token } = await bound(seen);
    const response = await browser.fetch('/api/me', { headers: { DPoP: 'sentinel-proof-of-the-page' } });
    expect([response.status, await response.text()]).toEqual([200, 'seen']);
    expect(seen[0]?.get('Authorization')).toBe(`DPoP ${token?.accessToken}`);
    const [, payload = ''] = (seen[0]?.get('DPoP') ?? '').split('.');
    expect(JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))).toMatchObject({
      htm: 'GET',
      htu: 'https://api.example/v2/me',
    });
  });

  test('is not given to the page, which has no such key', async () => {
    const seen: Headers[] = [];
    const { browser } = await bound(seen);
    const response = await browser.fetch('/auth/token', post);
    expect([response.status, await response.json()]).toMatchObject([503, { error: { code: 'E_UNSUPPORTED' } }]);
    expect(seen).toEqual([]);
  });
});
