import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import type { AccessTokenCache } from '../../src/core/access-token-cache.ts';
import type { Keyring } from '../../src/core/keyring.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import { type AccessTokenCacheOptions, accessTokenCache } from '../../src/store/access-token-cache.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { staleKv } from '../../src/testing/stale-kv.ts';
import { testKeyring } from '../support/test-keyring.ts';
import { countingD1 } from './counting-d1.ts';

const minute = 60_000;
const hour = 60 * minute;
const query = { userName: 'sentinel-user-name', issuer: 'https://login.example', clientId: 'app' };
const refreshToken = 'sentinel-refresh-token-1795000000';
const accessToken = 'sentinel-access-token-1795000000';
let keyring: Keyring;
let tenant: string;
let time: number;
let db: ReturnType<typeof countingD1>;
let store: EncryptedTokenStore;
const now = () => time;

const cacheOf = (options: Partial<AccessTokenCacheOptions> = {}): AccessTokenCache =>
  accessTokenCache({ namespace: env.KV, keyring, tenant, now, ...options });

/** Asks as one request of a Worker does, and waits for what it left running. */
async function ask(cache: AccessTokenCache, options: object = {}) {
  const left: Promise<unknown>[] = [];
  const source = createTokenSource({
    store,
    query,
    cache,
    now,
    waitUntil: (work) => void left.push(work),
    refresh: async () => ({ accessToken: 'renewed', obtainedAt: time, expiresAt: time + hour }),
  });
  const token = await source.getToken(options);
  await Promise.all(left);
  return token;
}

beforeEach(async () => {
  keyring = await testKeyring();
  tenant = crypto.randomUUID();
  time = Date.now();
  db = countingD1(env.DB);
  store = new EncryptedTokenStore({ backend: d1Backend(db), keyring, tenant });
  await store.saveToken({ ...query, accessToken, refreshToken, obtainedAt: time, expiresAt: time + hour });
  db.take();
});

describe('the cache of access tokens', () => {
  test('answers in place of the database, for as long as it is told to', async () => {
    const cache = cacheOf();
    expect(await ask(cache)).toMatchObject({ accessToken, outcome: 'fresh' });
    expect(db.take()).toHaveLength(1);
    time += minute - 1;
    expect(await ask(cache)).toMatchObject({ accessToken, outcome: 'cached' });
    expect(db.take()).toHaveLength(0);
    time += 1;
    expect(await ask(cache)).toMatchObject({ accessToken, outcome: 'fresh' });
    expect(db.take()).toHaveLength(1);
  });

  test('holds nothing that could renew, and nothing that can be read', async () => {
    await ask(cacheOf());
    const { keys } = await env.KV.list({ prefix: `tokenkeep/a/${tenant}` });
    expect(keys).toHaveLength(1);
    const [entry] = keys;
    const raw = await env.KV.get(entry?.name ?? '', 'arrayBuffer');
    const text = new TextDecoder('latin1').decode(raw ?? undefined) + JSON.stringify(entry);
    expect(text).not.toMatch(/sentinel/);
    const seen = await cacheOf().read(query);
    expect(seen).toMatchObject({ accessToken });
    expect(JSON.stringify(seen)).not.toContain(refreshToken);
  });

  test('keeps tenants, users, resources and scopes apart', async () => {
    await ask(cacheOf());
    expect(await cacheOf({ tenant: 'another' }).read(query)).toBeUndefined();
    for (const other of [{ userName: 'bob' }, { resource: 'https://mail.example' }, { scope: 'read' }, { id: 'x' }]) {
      expect(await cacheOf().read({ ...query, ...other })).toBeUndefined();
    }
    expect(await cacheOf().read(query)).toMatchObject({ accessToken });
  });

  test('takes no entry that was moved, altered or made with another key', async () => {
    await ask(cacheOf());
    const [entry] = (await env.KV.list({ prefix: `tokenkeep/a/${tenant}` })).keys;
    const raw = new Uint8Array((await env.KV.get(entry?.name ?? '', 'arrayBuffer')) ?? new ArrayBuffer(0));
    const another = { ...query, userName: 'bob' };
    await cacheOf().write(
      another,
      { id: 'b', revision: 1, accessToken: 'b', tokenType: 'Bearer', outcome: 'fresh' },
      time,
    );
    const theirs = (await env.KV.list({ prefix: `tokenkeep/a/${tenant}` })).keys.find(
      ({ name }) => name !== entry?.name,
    );
    await env.KV.put(theirs?.name ?? '', raw);
    expect(await cacheOf().read(another)).toBeUndefined();
    expect(await cacheOf({ keyring: await testKeyring() }).read(query)).toBeUndefined();
    raw[40] = (raw[40] as number) ^ 1;
    await env.KV.put(entry?.name ?? '', raw);
    expect(await cacheOf().read(query)).toBeUndefined();
    expect(await ask(cacheOf())).toMatchObject({ outcome: 'fresh' });
  });

  test('takes no entry from before the clock was turned back', async () => {
    await ask(cacheOf());
    time -= 1;
    expect(await cacheOf().read(query)).toBeUndefined();
  });

  test('has a renewed token at once where it was renewed', async () => {
    const cache = cacheOf();
    const refused = await ask(cache);
    time += 10_000;
    expect(await ask(cache, { forceRefresh: refused })).toMatchObject({ accessToken: 'renewed' });
    expect(await ask(cache)).toMatchObject({ accessToken: 'renewed', outcome: 'cached' });
  });

  test('forgets on demand, and costs nobody a token when KV fails', async () => {
    await ask(cacheOf());
    await cacheOf().forget(query);
    expect(await cacheOf().read(query)).toBeUndefined();
    const fails = async () => {
      throw new Error('KV GET failed: 503');
    };
    const broken = cacheOf({ namespace: { get: fails, put: fails, delete: fails } });
    expect(await ask(broken)).toMatchObject({ accessToken, outcome: 'fresh' });
    await broken.forget(query);
  });

  test('hands out a token that was signed out elsewhere for its age and no longer, however stale KV is', async () => {
    const kv = staleKv({ now, staleMs: 10 * hour, readsOwnWrites: true });
    const there = cacheOf({ namespace: kv.at('fra') });
    await ask(there);
    await store.deleteTokens();
    await cacheOf({ namespace: kv.at('syd') }).forget(query);
    time += minute - 1;
    expect(await ask(there)).toMatchObject({ accessToken, outcome: 'cached' });
    time += 1;
    await expect(ask(there)).rejects.toMatchObject({ code: 'E_REAUTH' });
  });
});
