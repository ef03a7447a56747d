import { beforeEach, describe, expect, test } from 'vitest';
import { expectCode } from '../support/expect-code.ts';
import { refusing, type SourceRig, sourceRig, unreachable } from '../support/source-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

beforeEach(async () => {
  rig = await sourceRig();
  rig.pass(hour);
});

describe('when the authorization server cannot renew now', () => {
  test('everybody waits as long as it asks, and not all the same time longer', async () => {
    rig.answer = refusing('temporarily_unavailable', { retryAfterMs: 40_000 });
    const error = await expectCode('E_UNAVAILABLE', rig.source().getToken());
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(40_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(50_000);
    expect(rig.events).toMatchObject([
      { type: 'retry-later', retryAfterMs: error.retryAfterMs, oauthError: 'temporarily_unavailable' },
    ]);
    rig.pass(39_000);
    const waiting = await expectCode('E_UNAVAILABLE', rig.source().getToken());
    expect(waiting.retryAfterMs).toBe((error.retryAfterMs as number) - 39_000);
    await expectCode('E_UNAVAILABLE', rig.source().getToken({ forceRefresh: true }));
    expect(rig.calls).toHaveLength(1);
    rig.pass(11_000);
    expect(await rig.doubts()).toBe(0);
    expect(await rig.stored()).toEqual(rig.saved);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -5])(
    '%d milliseconds are no time to wait, and lock nothing for good',
    async (retryAfterMs) => {
      rig.answer = refusing('temporarily_unavailable', { retryAfterMs });
      const error = await expectCode('E_UNAVAILABLE', rig.source().getToken());
      expect(error.retryAfterMs).toBeGreaterThanOrEqual(1000);
      expect(error.retryAfterMs).toBeLessThanOrEqual(25 * hour);
      rig.pass(900);
      expect((await expectCode('E_UNAVAILABLE', rig.source().getToken())).retryAfterMs).toBeGreaterThan(0);
      expect(rig.calls).toHaveLength(1);
    },
  );

  test.each([
    ['was not reached', unreachable({ inDoubt: false }), 2000, 3000],
    ['failed', refusing('server_error', { inDoubt: false }), 5000, 7500],
  ])('a server that %s is asked again after a while that it did not have to name', async (_, answer, least, most) => {
    rig.answer = answer;
    const { retryAfterMs } = await expectCode('E_UNAVAILABLE', rig.source().getToken());
    expect(retryAfterMs).toBeGreaterThanOrEqual(least);
    expect(retryAfterMs).toBeLessThanOrEqual(most);
  });

  test('a server that is too busy is left alone for as long as it wants between two renewals', async () => {
    rig.answer = refusing('temporarily_unavailable');
    const { retryAfterMs } = await expectCode('E_UNAVAILABLE', rig.source({ intervalMs: minute }).getToken());
    expect(retryAfterMs).toBeGreaterThanOrEqual(minute);
    expect(retryAfterMs).toBeLessThanOrEqual(minute + 10_000);
  });

  test('listeners hear of which token, of when, and of no error that the server did not name', async () => {
    rig.answer = unreachable({ inDoubt: false });
    const { message, retryAfterMs } = await expectCode('E_UNAVAILABLE', rig.source().getToken());
    expect(message).not.toContain('refresh function');
    const { id: tokenId, revision } = rig.saved;
    expect(rig.events).toStrictEqual([{ tokenId, revision, at: rig.now(), type: 'retry-later', retryAfterMs }]);
  });

  test('no answer makes anybody ask again within a second', async () => {
    rig.answer = refusing('temporarily_unavailable', { retryAfterMs: 0 });
    expect((await expectCode('E_UNAVAILABLE', rig.source().getToken())).retryAfterMs).toBeGreaterThanOrEqual(1000);
  });

  test('a token that still works is used meanwhile', async () => {
    rig.pass(-5 * minute);
    rig.answer = unreachable();
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-1', outcome: 'kept' });
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-1', outcome: 'kept' });
    expect(rig.calls).toHaveLength(1);
  });

  test('a token that expires meanwhile is not handed out', async () => {
    rig.pass(-5 * minute);
    rig.answer = async () => {
      rig.pass(5 * minute);
      return unreachable()();
    };
    await expectCode('E_UNAVAILABLE', rig.source().getToken());
  });

  test('it is tried again for as long as it takes, when the server is known not to have acted', async () => {
    const answers = [unreachable({ inDoubt: false }), refusing('server_error', { inDoubt: false })];
    for (const answer of [...answers, ...answers, refusing('temporarily_unavailable')]) {
      rig.answer = answer;
      await expectCode('E_UNAVAILABLE', rig.source().getToken());
      rig.pass(minute);
    }
    expect(rig.calls.map(({ inDoubt }) => inDoubt)).toEqual([false, false, false, false, false]);
    expect(rig.events.some(({ type }) => type === 'in-doubt')).toBe(false);
    rig.answer = async () => ({ accessToken: 'access-9' });
    expect((await rig.source().getToken()).accessToken).toBe('access-9');
  });

  test('what somebody else has stored meanwhile is adopted', async () => {
    rig.answer = async () => {
      const expiresAt = rig.now() + hour;
      await rig.store.saveToken({ id: rig.saved.id, accessToken: 'theirs', refreshToken: 'theirs-too', expiresAt });
      return unreachable()();
    };
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'theirs', outcome: 'adopted' });
    const { id: tokenId } = rig.saved;
    expect(rig.events.at(-1)).toEqual({ type: 'adopted', tokenId, revision: 2, at: rig.now() });
  });

  test('an expired token is not handed out because of an unrelated save, nor one that is expired already', async () => {
    rig.answer = async () => {
      await rig.store.saveToken({ id: rig.saved.id, extras: { seen: true } });
      return unreachable()();
    };
    await expectCode('E_UNAVAILABLE', rig.source().getToken());
    rig.pass(minute);
    rig.answer = async () => {
      await rig.store.saveToken({ id: rig.saved.id, accessToken: 'theirs', expiresAt: rig.now() });
      return unreachable({ inDoubt: false })();
    };
    await expectCode('E_UNAVAILABLE', rig.source().getToken());
    expect(rig.events.map(({ type }) => type)).not.toContain('adopted');
  });
});
