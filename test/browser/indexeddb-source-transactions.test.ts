import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import type { TokenSource } from '../../src/manager/token-source.ts';
import { createPageClient } from '../../src/page/create-page-client.ts';
import { tabSignals } from '../../src/page/tab-signals.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { OneTimeStore } from '../../src/store/one-time-store.ts';
import { testKeyring } from '../support/test-keyring.ts';
import { type ConnectionWatch, watchConnections } from './indexeddb-connections.ts';

const hour = 3_600_000;
const issuer = 'https://login.example';
const api = 'https://api.example';
let time: number;
let name: string;
let store: EncryptedTokenStore;
let token: SavedToken;
let source: TokenSource;
let watch: ConnectionWatch;

beforeEach(async () => {
  name = crypto.randomUUID();
  time = Date.now();
  const now = (): number => time;
  store = new EncryptedTokenStore({ backend: indexedDbBackend({ name, now }), keyring: await testKeyring() });
  const owner = { userName: 'alice', issuer, clientId: 'page' };
  const tokens = { accessToken: 'access-1', refreshToken: 'refresh-1', obtainedAt: time, expiresAt: time + hour };
  token = await store.saveToken({ ...owner, ...tokens });
  source = createTokenSource({
    store,
    query: owner,
    refresh: async () => ({
      accessToken: 'access-2',
      refreshToken: 'refresh-2',
      obtainedAt: time,
      expiresAt: time + hour,
    }),
    allowedOrigins: [api],
    signals: tabSignals(),
    fetch: async () => new Response('{}'),
    now,
  });
  watch = watchConnections();
});

afterEach(async () => {
  watch.stop();
  await deleteDB(name);
});

const modes = (): string[] => watch.transactions.map(({ mode }) => mode);

describe('a token source over IndexedDB takes', () => {
  test('one transaction for a fresh token', async () => {
    expect((await source.getToken()).outcome).toBe('fresh');
    expect(modes()).toEqual(['readonly']);
  });

  test('one transaction for a request with a fresh token', async () => {
    expect((await source.fetch(`${api}/me`)).status).toBe(200);
    expect(modes()).toEqual(['readonly']);
  });

  test('four for a renewal: to read, to claim, and to read and write what came of it', async () => {
    time += hour;
    expect((await source.getToken()).outcome).toBe('refreshed');
    expect(modes()).toEqual(['readonly', 'readwrite', 'readonly', 'readwrite']);
  });

  test('one for a token that still works while somebody else renews it', async () => {
    time += 0.95 * hour;
    await store.claimToken(token, { owner: 'somebody else', ttlMs: hour });
    watch.stop();
    watch = watchConnections();
    expect((await source.getToken()).outcome).toBe('kept');
    expect(modes()).toEqual(['readonly']);
  });

  test('one more for a page’s client, which looks first who is signed in', async () => {
    const client = createPageClient({
      store,
      transactions: new OneTimeStore({
        backend: indexedDbBackend({ name }),
        keyring: testKeyring(),
        collection: 'login',
      }),
      client: { provider: { issuer }, clientId: 'page', redirectUrl: location.href, scope: [] },
      now: () => time,
    });
    expect((await client.getToken()).outcome).toBe('fresh');
    expect(modes()).toEqual(['readonly', 'readonly']);
  });
});
