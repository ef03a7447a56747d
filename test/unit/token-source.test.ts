import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import { expectCode } from '../support/expect-code.ts';
import { door, type SourceRig, sourceRig } from '../support/source-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

beforeEach(async () => {
  rig = await sourceRig();
});
afterEach(() => void vi.useRealTimers());

describe('a token source', () => {
  test('yields a fresh token without what could renew it', async () => {
    const { id, obtainedAt, expiresAt } = rig.saved;
    expect(await rig.source().getToken()).toEqual({
      id,
      revision: 1,
      userName: 'ann',
      issuer: 'https://login.example',
      clientId: 'app',
      accessToken: 'access-1',
      tokenType: 'Bearer',
      obtainedAt,
      expiresAt,
      outcome: 'fresh',
    });
    expect([rig.calls, rig.events]).toEqual([[], []]);
  });

  test('renews a token that has expired, and stores it before anybody gets it', async () => {
    rig.pass(hour);
    const token = await rig.source().getToken();
    expect(token).toMatchObject({ accessToken: 'access-2', revision: 2, outcome: 'refreshed' });
    expect(await rig.stored()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2', revision: 2 });
    expect(rig.calls.map(({ token }) => token)).toEqual([rig.saved]);
    expect(rig.events).toEqual([{ type: 'refreshed', tokenId: rig.saved.id, revision: 2, at: rig.now() }]);
  });

  test('ends its claim with the renewal, so that the next need not wait', async () => {
    await rig.source().getToken({ forceRefresh: true });
    expect(await rig.source().getToken({ forceRefresh: true })).toMatchObject({ outcome: 'refreshed', revision: 3 });
  });

  test('renews once, however many ask at the same time, and tells who joined', async () => {
    rig.pass(hour);
    const tokens = await Promise.all(Array.from({ length: 40 }, () => rig.source().getToken()));
    expect(new Set(tokens.map(({ accessToken }) => accessToken))).toEqual(new Set(['access-2']));
    expect(rig.calls).toHaveLength(1);
    const outcomes = tokens.map(({ outcome }) => outcome).sort();
    expect(outcomes).toEqual([...Array.from({ length: 39 }, () => 'joined'), 'refreshed']);
    expect(rig.events.filter(({ type }) => type === 'joined')).toHaveLength(39);
  });

  test('renews a token that is about to expire once, while the others use it on without waiting', async () => {
    rig.pass(hour - 5 * minute);
    const { passed, open } = door();
    const { answer } = rig;
    rig.answer = async (call) => {
      await passed;
      return answer(call);
    };
    const first = rig.source().getToken();
    await expect.poll(() => rig.calls.length).toBe(1);
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-1', outcome: 'kept' });
    open();
    expect(await first).toMatchObject({ accessToken: 'access-2', outcome: 'refreshed' });
    expect(rig.calls).toHaveLength(1);
  });

  test('uses a token that somebody else claimed between read and claim, while it works', async () => {
    rig.pass(hour - 5 * minute);
    const { store } = rig;
    const racing = Object.create(store, {
      capabilities: { value: store.capabilities },
      findClaimable: {
        value: async () => {
          const found = await store.findClaimable({ id: rig.saved.id });
          await store.claimToken(rig.saved, { owner: 'somebody', ttlMs: minute });
          return found;
        },
      },
      claimToken: { value: store.claimToken.bind(store) },
    });
    const release = vi.spyOn(store, 'releaseToken');
    expect(await rig.source({ store: racing }).getToken()).toMatchObject({ outcome: 'kept', accessToken: 'access-1' });
    expect(rig.calls).toEqual([]);
    // whoever lost has nothing to give back
    expect(release).not.toHaveBeenCalled();
  });

  test('keeps the refresh token when the server does not send a new one', async () => {
    rig.pass(hour);
    rig.answer = async () => ({ accessToken: 'access-2', obtainedAt: rig.now(), expiresAt: rig.now() + hour });
    await rig.source().getToken();
    expect(await rig.stored()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-1' });
  });

  test('renews a fresh token when it is forced to, once for all who ask together', async () => {
    const tokens = await Promise.all([1, 2, 3].map(() => rig.source().getToken({ forceRefresh: true })));
    expect(tokens.map(({ accessToken }) => accessToken)).toEqual(['access-2', 'access-2', 'access-2']);
    expect(rig.calls).toHaveLength(1);
  });

  test('renews the token that an API refused, and not the one that has taken its place', async () => {
    rig.pass(minute);
    const refused = await rig.source().getToken();
    expect(await rig.source().getToken({ forceRefresh: refused })).toMatchObject({ accessToken: 'access-2' });
    expect(await rig.source().getToken({ forceRefresh: refused })).toMatchObject({
      accessToken: 'access-2',
      outcome: 'fresh',
    });
    expect(rig.calls).toHaveLength(1);
  });

  test('does not renew a token that was obtained seconds ago because an API refuses it', async () => {
    rig.pass(4999);
    const refused = await rig.source().getToken();
    expect(await rig.source().getToken({ forceRefresh: refused })).toEqual(refused);
    rig.pass(1);
    expect(await rig.source().getToken({ forceRefresh: refused })).toMatchObject({ accessToken: 'access-2' });
  });

  test('asks for a sign-in when there is no token', async () => {
    await rig.store.deleteToken(rig.saved.id);
    const error = await expectCode('E_REAUTH', rig.source().getToken());
    expect(error.reason).toBeUndefined();
  });

  test('uses a token without a refresh token until the end, and then asks for a sign-in', async () => {
    await rig.store.saveToken({ id: rig.saved.id, refreshToken: null });
    rig.pass(hour - 5 * minute);
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-1', outcome: 'fresh' });
    await expectCode('E_REAUTH', rig.source().getToken({ forceRefresh: true }));
    rig.pass(5 * minute);
    await expectCode('E_REAUTH', rig.source().getToken());
    expect(rig.calls).toEqual([]);
  });

  test('gives up waiting for somebody who does not finish, with an error that may be retried', async () => {
    rig.pass(hour);
    await rig.store.claimToken(rig.saved, { owner: 'somebody', ttlMs: minute });
    await expectCode('E_TIMEOUT', rig.source({ waitMs: 1 }).getToken());
    rig.pass(minute);
    expect((await rig.source().getToken()).accessToken).toBe('access-2');
  });

  test('stops waiting when the caller gives up, and lets the renewal go on', async () => {
    rig.pass(hour);
    const { passed, open } = door();
    const { answer } = rig;
    rig.answer = async (call) => {
      await passed;
      return answer(call);
    };
    const kept: Promise<unknown>[] = [];
    const controller = new AbortController();
    const asked = rig.source({ waitUntil: (work) => void kept.push(work) }).getToken({ signal: controller.signal });
    await expect.poll(() => rig.calls.length).toBe(1);
    controller.abort(new Error('the caller has left'));
    await expect(asked).rejects.toThrow('the caller has left');
    expect(rig.calls[0]?.signal.aborted).toBe(false);
    open();
    await Promise.all(kept);
    expect(await rig.stored()).toMatchObject({ accessToken: 'access-2' });
    await expect(rig.source().getToken({ signal: controller.signal })).rejects.toThrow('the caller has left');
  });

  test('begins no renewal for a caller who gave up while he waited for somebody else', async () => {
    rig.pass(hour);
    await rig.store.claimToken(rig.saved, { owner: 'somebody', ttlMs: minute });
    const find = vi.spyOn(rig.store, 'findClaimable');
    const controller = new AbortController();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const asked = rig.source().getToken({ signal: controller.signal });
    await expect.poll(() => vi.getTimerCount()).toBe(2);
    controller.abort(new Error('the caller has left'));
    await expect(asked).rejects.toThrow('the caller has left');
    const reads = find.mock.calls.length;
    await vi.advanceTimersByTimeAsync(1000);
    expect([find.mock.calls.length, vi.getTimerCount()]).toEqual([reads, 0]);
  });

  test('does not renew in a circle what a server lets expire at once', async () => {
    rig.pass(hour);
    rig.answer = async () => ({
      accessToken: `access-${rig.calls.length + 1}`,
      refreshToken: `refresh-${rig.calls.length + 1}`,
      obtainedAt: rig.now(),
      expiresAt: rig.now(),
    });
    const tokens = await Promise.all([1, 2, 3, 4].map(() => rig.source().getToken()));
    expect(new Set(tokens.map(({ accessToken }) => accessToken))).toEqual(new Set(['access-2']));
    expect(rig.calls).toHaveLength(1);
  });

  test('renews as early as it is told to', async () => {
    const softExpiry = () => rig.now();
    expect(await rig.source({ softExpiry }).getToken()).toMatchObject({ outcome: 'refreshed' });
    rig.pass(hour - minute);
    expect(await rig.source({ softExpiry: () => undefined }).getToken()).toMatchObject({ outcome: 'fresh' });
  });

  test('claims for longer than the server may take', async () => {
    rig.pass(hour);
    const { passed, open } = door();
    const { answer } = rig;
    rig.answer = async (call) => {
      await passed;
      return answer(call);
    };
    const renewed = rig.source({ timeoutMs: 12_345 }).getToken();
    await expect.poll(() => rig.calls.length).toBe(1);
    expect((await rig.store.findClaimable({ id: rig.saved.id }))?.claim.heldMs).toBe(32_345);
    open();
    await renewed;
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])(
    'is refused where %d milliseconds would make every renewal fail, or no waiting end',
    (ms) => {
      for (const name of ['waitMs', 'timeoutMs', 'intervalMs']) {
        expect(() => rig.source({ [name]: ms })).toThrow(
          expect.objectContaining({ code: 'E_CONFIG', message: expect.stringContaining(name) }),
        );
        expect(() => rig.source({ [name]: 2 ** 31 - 1 })).not.toThrow();
      }
    },
  );

  test('is refused where two callers could spend one refresh token, and says what to do', async () => {
    const weak = await sourceRig({ capabilities: { ...rig.backend.capabilities, compareAndSet: false } });
    const refresh = async () => ({});
    const make = (options: object) => () => createTokenSource({ store: weak.store, query: {}, refresh, ...options });
    for (const options of [{}, { rotation: 'strict' }]) {
      expect(make(options)).toThrow(
        expect.objectContaining({ code: 'E_UNSUPPORTED', message: expect.stringMatching(/D1.*role.*rotation/) }),
      );
    }
    for (const options of [{ rotation: 'none' }, { role: 'refresher' }, { role: 'reader' }]) {
      expect(make(options)).not.toThrow();
    }
  });
});
