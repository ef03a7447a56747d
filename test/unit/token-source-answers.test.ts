import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TokenChange } from '../../src/core/oauth-token.ts';
import { expectCode } from '../support/expect-code.ts';
import { type SourceRig, sourceRig, unreachable } from '../support/source-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

beforeEach(async () => {
  rig = await sourceRig();
  rig.pass(hour);
});
afterEach(() => vi.restoreAllMocks());

/** The refresh function returns this. */
function answering(change: unknown): void {
  rig.answer = async () => change as TokenChange;
}

describe('an answer of the refresh function', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'sentinel-of-somebody-else'],
    ['no token', {}],
    ['a refresh token alone', { refreshToken: 'refresh-2' }],
    ['an empty access token', { accessToken: '' }],
    ['an access token that is to be cleared', { accessToken: null }],
    ['an access token that is no text', { accessToken: 7 }],
    ['a token of another user', { accessToken: 'access-2', userName: 'bob' }],
    ['a token of another issuer', { accessToken: 'access-2', issuer: 'https://other.example' }],
    ['a token of another client', { accessToken: 'access-2', clientId: 'other' }],
  ])('that is %s is as good as lost: nothing is stored, and the refresh token is in doubt', async (_, change) => {
    answering(change);
    const error = await expectCode('E_UNAVAILABLE', rig.source().getToken());
    expect([error.inDoubt, String(error).includes('sentinel')]).toEqual([true, false]);
    expect(error.message).toContain('the refresh function returned no accessToken');
    expect(rig.events.map(({ type }) => type)).toEqual(['in-doubt', 'retry-later']);
    expect(await rig.stored()).toEqual(rig.saved);
    rig.pass(minute);
    answering({ accessToken: 'access-2' });
    expect((await rig.source().getToken()).accessToken).toBe('access-2');
    expect(rig.calls.map(({ inDoubt }) => inDoubt)).toEqual([false, true]);
  });

  test.each([null, undefined, ''])('with %o for a refresh token keeps the one there is', async (refreshToken) => {
    answering({ accessToken: 'access-2', refreshToken });
    await rig.source().getToken();
    expect(await rig.stored()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-1' });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1.5, 1e300, '3600', null])(
    'with %o for its times is stored as one whose times nobody knows',
    async (time) => {
      answering({ accessToken: 'access-2', refreshToken: 'refresh-2', obtainedAt: time, expiresAt: time });
      expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-2', outcome: 'refreshed' });
      const stored = await rig.stored();
      expect(stored?.refreshToken).toBe('refresh-2');
      expect([stored?.obtainedAt, stored?.expiresAt]).toEqual([undefined, undefined]);
      rig.pass(1000 * hour);
      expect(await rig.source().getToken()).toMatchObject({ outcome: 'fresh' });
    },
  );

  test('that holds more than a token has is stored without that', async () => {
    const raw = {
      access_token: 'access-2',
      expires_in: 3600,
      createdAt: new Date(),
      grantToken: 'g',
      reauthRequired: 7,
    };
    answering({ ...raw, accessToken: 'access-2', refreshToken: 'refresh-2', scope: undefined });
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-2', outcome: 'refreshed' });
    const { obtainedAt: _obtainedAt, expiresAt: _expiresAt, ...kept } = rig.saved;
    const tokens = { accessToken: 'access-2', refreshToken: 'refresh-2' };
    expect(await rig.stored()).toEqual({ ...kept, ...tokens, revision: 2 });
  });

  test('that repeats the access token without its expiry has none any more', async () => {
    answering({ accessToken: 'access-1', expiresAt: null });
    await rig.source().getToken();
    expect((await rig.stored())?.expiresAt).toBeUndefined();
  });

  test('that repeats the access token and does not speak of its times leaves them as they are', async () => {
    answering({ accessToken: 'access-1', refreshToken: 'refresh-2' });
    await rig.source().getToken();
    const { obtainedAt, expiresAt } = rig.saved;
    expect(await rig.stored()).toMatchObject({ refreshToken: 'refresh-2', obtainedAt, expiresAt });
  });

  test('that names whose token it is, as the store does, is taken', async () => {
    answering({ accessToken: 'access-2', userName: 'ann', issuer: 'https://login.example', clientId: 'app' });
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-2', userName: 'ann' });
  });

  test('that the store does not take is reported at once, and left to its next caller in doubt', async () => {
    const read = vi.spyOn(rig.store, 'findTokenById');
    answering({ accessToken: 'access-2', scope: 'not well-formed \ud800' });
    await expectCode('E_INPUT', rig.source().getToken());
    expect(read).not.toHaveBeenCalled();
    expect(rig.events.map(({ type }) => type)).toEqual(['persist-failed']);
    answering({ accessToken: 'access-2' });
    await rig.source().getToken();
    expect(rig.calls.map(({ inDoubt }) => inDoubt)).toEqual([false, true]);
  });

  test('that covers less than was asked for is stored, and not handed out for it', async () => {
    await rig.store.saveToken({ id: rig.saved.id, scope: 'read write' });
    const { userName, issuer, clientId } = rig.saved as { userName: string; issuer: string; clientId: string };
    const asking = (scope: string) => rig.source({ query: { userName, issuer, clientId, scope } });
    answering({ accessToken: 'access-2', scope: 'read', expiresAt: rig.now() + hour });
    expect((await expectCode('E_REAUTH', asking('write').getToken())).reason).toBeUndefined();
    expect(await asking('read').getToken()).toMatchObject({ accessToken: 'access-2', outcome: 'fresh' });
  });

  test('with another scope that covers what was asked for is handed out', async () => {
    await rig.store.saveToken({ id: rig.saved.id, scope: 'read write' });
    const { userName, issuer, clientId } = rig.saved as { userName: string; issuer: string; clientId: string };
    answering({ accessToken: 'access-2', scope: 'read' });
    const source = rig.source({ query: { userName, issuer, clientId, scope: 'read' } });
    expect(await source.getToken()).toMatchObject({ accessToken: 'access-2', scope: 'read', outcome: 'refreshed' });
  });
});

describe('a server that does not replace refresh tokens', () => {
  test('and repeats the one it was sent never has an older access token put over a newer one', async () => {
    const expiresAt = rig.now() + hour;
    rig.answer = async ({ token }) => {
      await rig.store.saveToken({ id: rig.saved.id, accessToken: 'theirs', expiresAt });
      return { accessToken: 'ours', refreshToken: token.refreshToken as string, expiresAt };
    };
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'theirs', outcome: 'adopted' });
    expect(await rig.stored()).toMatchObject({ accessToken: 'theirs', refreshToken: 'refresh-1', revision: 2 });
  });

  test('and gives the same access token for longer has that stored, whatever was saved meanwhile', async () => {
    const expiresAt = rig.now() + hour;
    rig.answer = async () => {
      await rig.store.saveToken({ id: rig.saved.id, extras: { seen: true } });
      return { accessToken: 'access-1', obtainedAt: rig.now(), expiresAt };
    };
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-1', expiresAt, outcome: 'refreshed' });
    expect(await rig.stored()).toMatchObject({ accessToken: 'access-1', expiresAt, extras: { seen: true } });
    expect((await rig.store.findClaimable({ id: rig.saved.id }))?.claim.heldMs).toBe(0);
  });

  test('costs no session, however many died while they renewed', async () => {
    for (const owner of ['one', 'two']) {
      await rig.store.claimToken(rig.saved, { owner, ttlMs: minute });
      rig.pass(minute);
    }
    expect(await rig.source({ rotation: 'none' }).getToken()).toMatchObject({ outcome: 'refreshed' });
    expect(rig.calls).toMatchObject([{ inDoubt: false }]);
  });

  test('costs no session, however often its answer is lost', async () => {
    for (const whenInDoubt of ['retry-once', 'sign-in'] as const) {
      const source = rig.source({ rotation: 'none', whenInDoubt });
      rig.answer = unreachable();
      for (let attempt = 0; attempt < 4; attempt++) {
        expect((await expectCode('E_UNAVAILABLE', source.getToken())).inDoubt).toBe(false);
        rig.pass(minute);
      }
      answering({ accessToken: `after ${whenInDoubt}` });
      expect(await source.getToken()).toMatchObject({ outcome: 'refreshed' });
      await rig.store.saveToken({ id: rig.saved.id, expiresAt: rig.now() });
    }
    expect(rig.calls.some(({ inDoubt }) => inDoubt)).toBe(false);
    expect(rig.events.some(({ type }) => type === 'in-doubt')).toBe(false);
  });
});

describe('what somebody else stored meanwhile', () => {
  /** It is stored while the server renews. */
  function meanwhile(change: TokenChange): void {
    const { answer } = rig;
    rig.answer = async (call) => {
      if (rig.calls.length === 1) await rig.store.saveToken({ id: rig.saved.id, ...change });
      return answer(call);
    };
  }

  test('is renewed in its turn when it has expired', async () => {
    meanwhile({ accessToken: 'theirs', refreshToken: 'new', expiresAt: rig.now() });
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-3', outcome: 'refreshed' });
    expect(rig.calls.map(({ token, inDoubt }) => [token.refreshToken, inDoubt])).toEqual([
      ['refresh-1', false],
      ['new', false],
    ]);
  });

  test('is renewed when it has no access token yet', async () => {
    meanwhile({ refreshToken: 'new', obtainedAt: rig.now() });
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-3', outcome: 'refreshed' });
  });

  test('is not handed out when it is another user’s', async () => {
    meanwhile({ userName: 'bob', accessToken: 'of-bob', refreshToken: 'of-bob-too', expiresAt: rig.now() + hour });
    await expectCode('E_REAUTH', rig.source().getToken());
  });

  test('is not handed out to one who waited for it, when it has expired by the time he wakes', async () => {
    await rig.store.claimToken(rig.saved, { owner: 'somebody', ttlMs: minute });
    const find = rig.store.findClaimable.bind(rig.store);
    vi.spyOn(rig.store, 'findClaimable').mockImplementationOnce(async (query) => {
      const found = await find(query);
      const obtainedAt = rig.now();
      const theirs = { accessToken: 'theirs', refreshToken: 'new', obtainedAt, expiresAt: obtainedAt + hour };
      await rig.store.saveToken({ id: rig.saved.id, ...theirs }, { claimOwner: 'somebody' });
      rig.pass(2 * hour);
      return found;
    });
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-2', outcome: 'refreshed' });
  });
});
