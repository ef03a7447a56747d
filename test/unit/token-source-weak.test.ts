import { beforeEach, describe, expect, test } from 'vitest';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import type { AccessToken } from '../../src/core/access-token.ts';
import type { AccessTokenCache } from '../../src/core/access-token-cache.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { staleKv } from '../../src/testing/index.ts';
import { expectCode } from '../support/expect-code.ts';
import { refusing, type SourceRig, sourceRig, unreachable } from '../support/source-rig.ts';
import { testKeyring } from '../support/test-keyring.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

describe('over a backend that excludes nobody', () => {
  beforeEach(async () => {
    const none = async () => {
      throw new TokenkeepError('E_UNSUPPORTED', 'there are no claims here');
    };
    const capabilities = { compareAndSet: false, strongReads: false, atomicClear: false };
    rig = await sourceRig({ capabilities, claim: none, release: none });
    rig.pass(hour);
  });

  test('a token that does not rotate is renewed, once for all callers of one source', async () => {
    const source = rig.source({ rotation: 'none' });
    const tokens = await Promise.all(Array.from({ length: 10 }, () => source.getToken()));
    expect(tokens.map(({ outcome }) => outcome).sort()).toEqual([...Array(9).fill('joined'), 'refreshed']);
    expect(rig.calls).toHaveLength(1);
  });

  test('the one who renews never sends a refresh token that it has replaced, though it still reads it', async () => {
    const source = rig.source({ role: 'refresher' });
    await source.getToken();
    const { store } = rig;
    const stale = { token: rig.saved, claim: { owner: '', heldMs: 0, coolingMs: 0 } };
    store.findClaimable = async () => stale;
    expect(await source.getToken()).toMatchObject({ accessToken: 'access-2', outcome: 'fresh' });
    await source.getToken({ forceRefresh: true });
    expect(rig.calls.map(({ token }) => token.refreshToken)).toEqual(['refresh-1', 'refresh-2']);
  });

  test('a new sign-in under another id is not mistaken for an old token', async () => {
    const source = rig.source({ rotation: 'none' });
    await source.getToken();
    await rig.store.deleteToken(rig.saved.id);
    const { issuer, clientId } = rig.saved as { issuer: string; clientId: string };
    await rig.store.saveToken({ userName: 'ann', issuer, clientId, accessToken: 'anew' });
    expect(await source.getToken()).toMatchObject({ accessToken: 'anew' });
  });

  test('readers renew nothing: they use what works, and are told to come back', async () => {
    const reader = rig.source({ role: 'reader' });
    await expectCode('E_UNAVAILABLE', reader.getToken());
    await expectCode('E_UNAVAILABLE', reader.getToken({ forceRefresh: true }));
    rig.pass(-5 * minute);
    expect(await reader.getToken()).toMatchObject({ accessToken: 'access-1', outcome: 'kept' });
    expect(rig.calls).toEqual([]);
  });

  test('a token that is signed out is not remembered', async () => {
    const source = rig.source({ role: 'refresher' });
    await source.getToken();
    await rig.store.deleteToken(rig.saved.id);
    await expectCode('E_REAUTH', source.getToken());
  });

  test('a refusal is not stored, because it could overwrite a sign-in that is not to be seen here yet', async () => {
    rig.answer = refusing('invalid_grant');
    expect((await expectCode('E_REAUTH', rig.source({ rotation: 'none' }).getToken())).reason).toBe('refused');
    expect(await rig.stored()).toEqual(rig.saved);
  });

  test('a source cools down by itself after a failure, and tries again then', async () => {
    const source = rig.source({ rotation: 'none' });
    const { answer } = rig;
    rig.answer = refusing('temporarily_unavailable', { retryAfterMs: minute });
    await expectCode('E_UNAVAILABLE', source.getToken());
    rig.answer = answer;
    await expectCode('E_UNAVAILABLE', source.getToken());
    expect(rig.calls).toHaveLength(1);
    rig.pass(1.5 * minute);
    expect(await source.getToken()).toMatchObject({ outcome: 'refreshed' });
  });

  test('the one who renews sends a refresh token in doubt once more, and never a third time', async () => {
    const source = rig.source({ role: 'refresher' });
    rig.answer = unreachable();
    for (let attempt = 0; attempt < 2; attempt++) {
      await expectCode('E_UNAVAILABLE', source.getToken());
      rig.pass(minute);
    }
    for (let attempt = 0; attempt < 2; attempt++) {
      expect((await expectCode('E_REAUTH', source.getToken())).reason).toBe('interrupted');
    }
    expect(rig.calls.map(({ inDoubt }) => inDoubt)).toEqual([false, true]);
    expect(await rig.stored()).toEqual(rig.saved);
  });

  test('the one who renews puts its newest over what KV still shows, and takes nothing older for somebody else’s', async () => {
    let time = rig.now();
    const now = () => time;
    const backend = kvBackend(staleKv({ now }).at('fra'), { now });
    const store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
    const saved = await store.saveToken({ userName: 'ann', accessToken: 'access-1', refreshToken: 'refresh-1' });
    time += minute;
    const source = rig.source({ store, query: { id: saved.id }, role: 'refresher', now });
    for (const expected of ['access-2', 'access-3']) {
      time += 2000;
      expect(await source.getToken({ forceRefresh: true })).toMatchObject({
        accessToken: expected,
        outcome: 'refreshed',
      });
    }
    expect((await store.findTokenById(saved.id))?.accessToken).toBe('access-1');
    time += minute;
    expect(await store.findTokenById(saved.id)).toMatchObject({ accessToken: 'access-3', refreshToken: 'refresh-3' });
    expect(rig.calls.map(({ token }) => token.refreshToken)).toEqual(['refresh-1', 'refresh-2']);
  });

  test('a reader learns of what was written under a revision that it knows', async () => {
    const reader = rig.source({ role: 'reader' });
    rig.pass(-5 * minute);
    expect(await reader.getToken()).toMatchObject({ accessToken: 'access-1' });
    const token = { ...rig.saved, accessToken: 'access-3', obtainedAt: rig.now(), expiresAt: rig.now() + hour };
    rig.store.findClaimable = async () => ({ token, claim: { owner: '', heldMs: 0, coolingMs: 0 } });
    expect(await reader.getToken()).toMatchObject({ accessToken: 'access-3', outcome: 'fresh' });
  });

  test('the one who renews learns of a new sign-in, and forgets what was in doubt before it', async () => {
    const source = rig.source({ role: 'refresher' });
    const { answer } = rig;
    rig.answer = unreachable();
    await expectCode('E_UNAVAILABLE', source.getToken());
    await rig.store.saveToken({ id: rig.saved.id, accessToken: 'anew', refreshToken: 'of-the-new-grant' });
    rig.answer = answer;
    expect(await source.getToken()).toMatchObject({ accessToken: 'anew', outcome: 'fresh' });
    await source.getToken({ forceRefresh: true });
    expect(rig.calls[1]).toMatchObject({ inDoubt: false, token: { refreshToken: 'of-the-new-grant' } });
  });
});

describe('with a cache in front', () => {
  let cached: AccessToken | undefined;
  let asked: unknown[];
  const cache: AccessTokenCache = {
    read: async (query) => {
      asked.push(query);
      return cached;
    },
    write: async (_, token) => {
      cached = token;
    },
    forget: async () => {
      cached = undefined;
    },
  };

  beforeEach(async () => {
    rig = await sourceRig();
    cached = undefined;
    asked = [];
  });

  test('a fresh token is read from the store once, and from the cache then', async () => {
    const kept: Promise<unknown>[] = [];
    const source = rig.source({ cache, waitUntil: (work) => void kept.push(work) });
    expect(await source.getToken()).toMatchObject({ outcome: 'fresh' });
    await Promise.all(kept);
    rig.store.findClaimable = async () => {
      throw new Error('the store is not to be asked');
    };
    expect(await source.getToken()).toMatchObject({ accessToken: 'access-1', outcome: 'cached' });
    expect(asked[0]).toEqual({ userName: 'ann', issuer: 'https://login.example', clientId: 'app' });
  });

  test('what is cached is as old as the question it answered', async () => {
    const at: number[] = [];
    const asked = rig.now();
    const source = rig.source({
      cache: { ...cache, write: async (_query, _token, askedAt) => void at.push(askedAt) },
      onEventAwaited: async () => rig.pass(4000),
    });
    await source.getToken({ forceRefresh: true });
    expect([at, rig.now()]).toEqual([[asked], asked + 4000]);
  });

  test('a cached token that should be renewed is not used, and a renewed one takes its place', async () => {
    const source = rig.source({ cache });
    await source.getToken();
    rig.pass(hour - 5 * minute);
    expect(await source.getToken()).toMatchObject({ outcome: 'refreshed' });
    await expect.poll(() => cached?.accessToken).toBe('access-2');
  });

  test('a token that an API refused is not looked for in the cache', async () => {
    const source = rig.source({ cache });
    const refused = await source.getToken();
    rig.pass(minute);
    expect(await source.getToken({ forceRefresh: refused })).toMatchObject({ accessToken: 'access-2' });
    expect(asked).toHaveLength(1);
  });

  test('a cache that never answers keeps nobody who gives up', async () => {
    const controller = new AbortController();
    const hanging = { ...cache, read: () => new Promise<never>(() => undefined) };
    const asked = rig.source({ cache: hanging }).getToken({ signal: controller.signal });
    controller.abort(new Error('the caller has left'));
    await expect(asked).rejects.toThrow('the caller has left');
  });

  test('a token that is about to expire is not cached', async () => {
    rig.pass(hour - 5 * minute);
    await rig.store.claimToken(rig.saved, { owner: 'somebody', ttlMs: minute });
    expect(await rig.source({ cache }).getToken()).toMatchObject({ outcome: 'kept' });
    expect(cached).toBeUndefined();
  });
});
