import { beforeEach, describe, expect, test } from 'vitest';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import type { Keyring } from '../../src/core/keyring.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import type { TokenSource, TokenSourceOptions } from '../../src/manager/token-source.ts';
import { oauthRenewal } from '../../src/oauth/oauth-renewal.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { type StaleKv, staleKv } from '../../src/testing/index.ts';
import { StrictAuthorizationServer } from '../support/strict-authorization-server.ts';
import { testKeyring } from '../support/test-keyring.ts';

const issuer = 'https://login.example';
const minute = 60_000;
const hour = 60 * minute;
const shift = 8 * hour;
let time: number;
let keyring: Keyring;
let kv: StaleKv;
let server: StrictAuthorizationServer;
let id: string;
const now = (): number => time;

/** A source in one location, which keeps its own memory as a process does. */
function sourceAt(location: string, options: Partial<TokenSourceOptions>): TokenSource {
  const client = { provider: { issuer }, clientId: 'app', redirectUrl: 'https://app.example/cb', scope: [] };
  const store = new EncryptedTokenStore({ backend: kvBackend(kv.at(location), { now }), keyring });
  const renewal = oauthRenewal(client, { fetch: server.fetch, now });
  return createTokenSource({ store, query: { id }, ...renewal, now, ...options });
}

async function setUp(rotation: 'strict' | 'none'): Promise<void> {
  time = 1_795_000_000_000;
  keyring = await testKeyring();
  kv = staleKv({ now });
  const client = { clientId: 'app', redirectUrl: 'https://app.example/cb' };
  server = new StrictAuthorizationServer({ issuer, client, now, rotation });
  const store = new EncryptedTokenStore({ backend: kvBackend(kv.at('home'), { now }), keyring });
  const tokens = server.signIn('ann');
  const query = { userName: 'ann', issuer, clientId: 'app' };
  ({ id } = await store.saveToken({ ...query, ...tokens, obtainedAt: time, expiresAt: time + hour }));
  time += 2 * minute; // until then even the place where it was stored may not show it
}

describe('one who renews and many who read, in four locations of a stale KV', () => {
  beforeEach(() => setUp('strict'));

  test('serve everybody for eight hours, and the server sees each refresh token once', async () => {
    const refresher = sourceAt('home', { role: 'refresher' });
    const readers = ['fra', 'sfo', 'syd'].map((location) => sourceAt(location, { role: 'reader' }));
    const end = time + shift;
    let served = 0;
    for (let step = 0; time < end; step++, time += minute) {
      if (step % 5 === 0) await refresher.getToken();
      for (const reader of readers) {
        expect(server.userOf((await reader.getToken()).accessToken)).toBe('ann');
        served++;
      }
    }
    expect(served).toBe(3 * 8 * 60);
    expect([server.reuses, server.isGranted('ann')]).toEqual([0, true]);
    const { calls } = server.ledger;
    expect(calls.every(({ outcome }) => outcome === 'renewed')).toBe(true);
    expect(new Set(calls.map(({ ordinal }) => ordinal)).size).toBe(calls.length);
    expect(calls.length).toBeGreaterThan(7);
  });

  test('lose the grant with a second one who renews: the role is the application’s promise', async () => {
    const due = time + minute;
    const options = { role: 'refresher', softExpiry: () => due } as const;
    const two = ['home', 'fra'].map((location) => sourceAt(location, options));
    time = due - 1;
    for (const one of two) expect((await one.getToken()).outcome).toBe('fresh');
    time = due;
    for (const one of two) await one.getToken();
    expect([server.reuses, server.isGranted('ann')]).toEqual([1, false]);
  });
});

describe('a server that keeps its refresh tokens', () => {
  beforeEach(() => setUp('none'));

  test('is renewed from anywhere for eight hours, and everybody is served', async () => {
    const sources = ['home', 'fra', 'sfo'].map((location) => sourceAt(location, { rotation: 'none' }));
    const end = time + shift;
    for (; time < end; time += 7 * minute) {
      for (const source of sources) {
        time += 1100; // KV takes one write of a key in a second
        expect(server.userOf((await source.getToken()).accessToken)).toBe('ann');
      }
    }
    expect(server.isGranted('ann')).toBe(true);
    // a few more than one an hour: who does not see a renewal yet makes his own
    expect(server.ledger.calls.length).toBeLessThan(3 * 10);
  });
});
