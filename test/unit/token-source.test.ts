import { beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { SavedToken, TokenChange } from '../../src/core/oauth-token.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { type ErrorCode, TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { createTokenSource, type TokenSource } from '../../src/manager/token-source.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { testKeyring } from '../support/test-keyring.ts';

let time: number;
let backend: RecordBackend;
let store: EncryptedTokenStore;
let saved: SavedToken;
let calls: SavedToken[];
/** What the server does with the next call. */
let answer: (token: SavedToken) => Promise<TokenChange>;
const now = () => time;

const source = (options: { waitMs?: number } = {}): TokenSource =>
  createTokenSource({
    store,
    id: saved.id,
    now,
    ...options,
    refresh: (token) => {
      calls.push(token);
      return answer(token);
    },
  });

beforeEach(async () => {
  time = 1_795_000_000_000;
  calls = [];
  backend = memoryBackend({ now });
  store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
  saved = await store.saveToken({
    userName: 'ann',
    accessToken: 'access-1',
    refreshToken: 'refresh-1',
    expiresAt: time + 60_000,
  });
  answer = async () => ({
    accessToken: `access-${calls.length + 1}`,
    refreshToken: `refresh-${calls.length + 1}`,
    expiresAt: time + 60_000,
  });
});

const failing = (code: ErrorCode, oauthError?: string) => async () => {
  throw new TokenkeepError(code, 'the server failed', oauthError === undefined ? {} : { oauthError });
};

describe('a token source', () => {
  test('returns a fresh token from one read', async () => {
    expect(await source().getToken()).toEqual(saved);
    expect(calls).toEqual([]);
  });

  test('renews a token that has expired, and stores it before returning it', async () => {
    time += 60_000;
    const token = await source().getToken();
    expect(token).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2', revision: 2 });
    expect(await store.findTokenById(saved.id)).toEqual(token);
    expect(calls).toEqual([saved]);
    // the claim has ended with the save: the next renewal need not wait for it
    expect(await store.claimToken(token, { owner: 'next', ttlMs: 1 })).toBe('granted');
  });

  test('renews once, however many ask at the same time', async () => {
    time += 60_000;
    const tokens = await Promise.all(Array.from({ length: 40 }, () => source().getToken()));
    expect(new Set(tokens.map(({ accessToken }) => accessToken))).toEqual(new Set(['access-2']));
    expect(calls).toHaveLength(1);
  });

  test('lets the others use the live token while one renews it', async () => {
    time += 55_000;
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const renewed = answer;
    answer = async (token) => {
      await held;
      return renewed(token);
    };
    const first = source().getToken();
    await expect.poll(() => calls.length).toBe(1);
    expect(await source().getToken()).toEqual(saved);
    finish();
    expect((await first).accessToken).toBe('access-2');
    expect(calls).toHaveLength(1);
  });

  test('keeps the refresh token when the server does not send a new one', async () => {
    time += 60_000;
    answer = async () => ({ accessToken: 'access-2', expiresAt: time + 60_000 });
    expect(await source().getToken()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-1' });
  });

  test('renews a fresh token when it is forced to, once for all who were refused together', async () => {
    const tokens = await Promise.all([1, 2, 3].map(() => source().getToken({ forceRefresh: true })));
    expect(tokens.map(({ accessToken }) => accessToken)).toEqual(['access-2', 'access-2', 'access-2']);
    expect(calls).toHaveLength(1);
  });

  test('asks for a new sign-in when the token is gone or cannot be renewed', async () => {
    const lonely = await store.saveToken({ userName: 'bob', accessToken: 'b', expiresAt: time + 1000 });
    time += 60_000;
    const refresh = () => Promise.reject(new Error('not to be called'));
    await expectCode('E_REAUTH', createTokenSource({ store, id: lonely.id, now, refresh }).getToken());
    await expectCode('E_REAUTH', createTokenSource({ store, id: 'nobody', now, refresh }).getToken());
  });

  test('asks for a new sign-in when the server no longer honours the refresh token, and deletes nothing', async () => {
    time += 60_000;
    answer = failing('E_OAUTH', 'invalid_grant');
    await expectCode('E_REAUTH', source().getToken());
    expect(await store.findTokenById(saved.id)).toEqual(saved);
  });

  test('passes on that the server failed, deletes nothing, and the next caller may try at once', async () => {
    time += 60_000;
    for (const code of ['E_NETWORK', 'E_OAUTH'] as const) {
      answer = failing(code, 'temporarily_unavailable');
      await expectCode(code, source().getToken());
    }
    answer = async () => ({ accessToken: 'access-9', expiresAt: time + 60_000 });
    expect((await source().getToken()).accessToken).toBe('access-9');
  });

  test('hands out what somebody else has renewed meanwhile when the server refuses the spent token', async () => {
    time += 60_000;
    answer = async (token) => {
      await store.saveToken({ ...token, accessToken: 'theirs', refreshToken: 'theirs-too', expiresAt: time + 60_000 });
      return failing('E_OAUTH', 'invalid_grant')();
    };
    expect(await source().getToken()).toMatchObject({ accessToken: 'theirs', revision: 2 });
  });

  test('never hands out an expired token because of an unrelated save, nor the one that was refused', async () => {
    answer = failing('E_NETWORK');
    await expectCode('E_NETWORK', source().getToken({ forceRefresh: true }));
    time += 60_000;
    answer = async () => {
      await store.saveToken({ id: saved.id, extras: { seen: true } });
      return failing('E_NETWORK')();
    };
    await expectCode('E_NETWORK', source().getToken());
  });

  test('saves in the record it read, whatever id and revision the refresh function returns', async () => {
    const bob = await store.saveToken({ userName: 'bob', accessToken: 'b', refreshToken: 'br' });
    time += 60_000;
    answer = async () => ({ id: bob.id, revision: bob.revision, accessToken: 'access-2' });
    expect(await source().getToken()).toMatchObject({ id: saved.id, userName: 'ann', revision: 2 });
    expect(await store.findTokenById(bob.id)).toEqual(bob);
  });

  test('returns a token that cannot be renewed for as long as it lives', async () => {
    saved = await store.saveToken({ userName: 'bob', accessToken: 'b', expiresAt: time + 5000 });
    expect(await source().getToken()).toEqual(saved);
    await expectCode('E_REAUTH', source().getToken({ forceRefresh: true }));
  });

  test('leaves a doubt behind exactly when the server may have rotated the refresh token', async () => {
    time += 60_000;
    const attempts = [
      ['granted', failing('E_OAUTH', 'temporarily_unavailable')],
      ['in-doubt', failing('E_OAUTH', 'server_error')],
      ['in-doubt', failing('E_NETWORK')],
      ['in-doubt', () => Promise.reject(new Error('a refresh function that broke'))],
    ] as const;
    for (const [outcome, failure] of attempts) {
      const token = await store.saveToken({ id: saved.id, scope: outcome });
      answer = failure;
      await expect(source().getToken()).rejects.toThrow();
      expect(await store.claimToken(token, { owner: 'next', ttlMs: 1 })).toBe(outcome);
      await store.releaseToken(token.id, { owner: 'next' });
    }
  });

  test('adopts what somebody else has saved meanwhile', async () => {
    time += 60_000;
    answer = async () => {
      await store.saveToken({
        id: saved.id,
        accessToken: 'theirs',
        refreshToken: 'theirs-too',
        expiresAt: time + 60_000,
      });
      return { accessToken: 'ours', refreshToken: 'ours-too', expiresAt: time + 60_000 };
    };
    expect(await source().getToken()).toMatchObject({ accessToken: 'theirs', refreshToken: 'theirs-too' });
  });

  test('loses no rotated refresh token to an unrelated save in between, nor that save', async () => {
    time += 60_000;
    const renewed = answer;
    answer = async (token) => {
      for (const seen of [1, 2]) await store.saveToken({ id: saved.id, extras: { seen } });
      return renewed(token);
    };
    const token = await source().getToken();
    expect(token).toMatchObject({
      accessToken: 'access-2',
      refreshToken: 'refresh-2',
      extras: { seen: 2 },
      revision: 4,
    });
    expect(await store.findTokenById(saved.id)).toEqual(token);
    expect(calls).toHaveLength(1);
  });

  test('adopts what somebody else has renewed meanwhile at a server that keeps the refresh token', async () => {
    time += 60_000;
    answer = async () => {
      await store.saveToken({ id: saved.id, accessToken: 'theirs', expiresAt: time + 60_000 });
      return { accessToken: 'ours', expiresAt: time + 60_000 };
    };
    expect(await source().getToken()).toMatchObject({ accessToken: 'theirs', revision: 2 });
  });

  test('keeps a rotated refresh token although somebody else has saved another access token meanwhile', async () => {
    time += 60_000;
    answer = async () => {
      await store.saveToken({ id: saved.id, accessToken: 'theirs', expiresAt: time + 60_000 });
      return { accessToken: 'ours', refreshToken: 'ours-too', expiresAt: time + 60_000 };
    };
    expect(await source().getToken()).toMatchObject({ accessToken: 'ours', refreshToken: 'ours-too', revision: 3 });
  });

  test('says that the renewed token could not be saved, and never hands out the spent one for it', async () => {
    time += 60_000;
    backend.put = async () => 'conflict';
    await expectCode('E_CONFLICT', source().getToken());
    expect(calls).toHaveLength(1);
  });

  test('does not bring back a token that was deleted while it was renewed', async () => {
    time += 60_000;
    const renewed = answer;
    answer = async (token) => {
      await store.deleteToken(saved.id);
      return renewed(token);
    };
    await expectCode('E_REAUTH', source().getToken());
    expect(await store.getTokens()).toEqual([]);
  });

  test('hands over what it renewed for a deleted token, so that it can be revoked, and for no other', async () => {
    const discarded: unknown[] = [];
    const discard = async (token: unknown) => {
      discarded.push(token);
      throw new Error('the server could not be told');
    };
    const refresh = async () => ({ accessToken: 'orphan-access', refreshToken: 'orphan-refresh' });
    time += 60_000;
    const deleting = async () => {
      await store.deleteToken(saved.id);
      return refresh();
    };
    await expectCode(
      'E_REAUTH',
      createTokenSource({ store, id: saved.id, now, refresh: deleting, discard }).getToken(),
    );
    expect(discarded).toEqual([expect.objectContaining({ userName: 'ann', refreshToken: 'orphan-refresh' })]);
    const kept = await store.saveToken({ ...saved, revision: undefined } as never);
    await createTokenSource({ store, id: kept.id, now, refresh, discard }).getToken();
    expect(discarded).toHaveLength(1);
  });

  test('gives up waiting for somebody who does not finish, with an error that may be retried', async () => {
    time += 60_000;
    expect(await store.claimToken(saved, { owner: 'somebody', ttlMs: 30_000 })).toBe('granted');
    await expectCode('E_TIMEOUT', source({ waitMs: -1 }).getToken());
    time += 30_001;
    expect((await source().getToken()).accessToken).toBe('access-2');
  });

  test('renews without a claim where the backend has none', async () => {
    const capabilities = { ...backend.capabilities, compareAndSet: false };
    const weak = { ...backend, capabilities, claim: failing('E_UNSUPPORTED'), release: failing('E_UNSUPPORTED') };
    store = new EncryptedTokenStore({ backend: weak, keyring: await testKeyring() });
    saved = await store.saveToken({ userName: 'eve', accessToken: 'e', refreshToken: 'er', expiresAt: time + 1 });
    time += 60_000;
    expect(await source().getToken()).toMatchObject({ accessToken: 'access-2' });
  });

  /** A store whose next saves fail, before or after they take place. */
  const failingSaves = (times: number, takesPlace: boolean) => {
    const saves = store.saveToken.bind(store);
    let failures = 0;
    vi.spyOn(store, 'saveToken').mockImplementation(async (...args) => {
      if (failures++ >= times) return saves(...args);
      if (takesPlace) await saves(...args);
      throw new TokenkeepError('E_STORAGE', 'the database failed; try again');
    });
    return () => failures;
  };

  test.each([false, true])(
    'saves the rotated token again when the database failed, whether the save took place or not (%s)',
    async (takesPlace) => {
      time += 60_000;
      failingSaves(2, takesPlace);
      const token = await source().getToken();
      expect(token).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2', revision: 2 });
      expect(await store.findTokenById(saved.id)).toEqual(token);
      expect(calls).toHaveLength(1);
    },
  );

  test('reports a database that stays broken, and leaves the doubt for the next caller', async () => {
    time += 60_000;
    const failures = failingSaves(99, false);
    await expectCode('E_STORAGE', source().getToken());
    expect(failures()).toBe(4);
    expect(calls).toHaveLength(1);
    time += 30_001;
    expect(await store.claimToken(saved, { owner: 'next', ttlMs: 1 })).toBe('in-doubt');
  });

  test('gives the renewal twenty seconds', async () => {
    time += 60_000;
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    let given: AbortSignal | undefined;
    const refresh = async (_: SavedToken, signal: AbortSignal) => {
      given = signal;
      return { accessToken: 'access-2' };
    };
    await createTokenSource({ store, id: saved.id, now, refresh }).getToken();
    expect(timeout).toHaveBeenCalledWith(20_000);
    expect(given).toBe(timeout.mock.results[0]?.value);
    timeout.mockRestore();
  });
});
