import { beforeEach, describe, expect, test, vi } from 'vitest';
import { expectCode } from '../support/expect-code.ts';
import { refusing, type SourceRig, sourceRig, unreachable } from '../support/source-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

/** How many attempts of the present refresh token are in doubt. */
async function doubts(): Promise<number> {
  const token = await rig.stored();
  const claim = token && (await rig.store.claimToken(token, { owner: 'looking', ttlMs: minute }));
  await rig.store.releaseToken(rig.saved.id, { owner: 'looking' });
  return claim?.granted ? claim.doubts : -1;
}

beforeEach(async () => {
  rig = await sourceRig();
  rig.pass(hour);
});

describe('when the authorization server refuses the refresh token', () => {
  test('the user is asked to sign in, the token is kept with the reason, and nobody asks the server again', async () => {
    rig.answer = refusing('invalid_grant');
    const at = rig.now();
    expect((await expectCode('E_REAUTH', rig.source().getToken())).reason).toBe('refused');
    expect(await rig.stored()).toEqual({ ...rig.saved, revision: 2, reauthRequired: { reason: 'refused', at } });
    expect(rig.events).toEqual([
      { type: 'reauth-required', tokenId: rig.saved.id, revision: 1, at, reason: 'refused' },
    ]);
    rig.pass(minute);
    expect((await expectCode('E_REAUTH', rig.source().getToken())).reason).toBe('refused');
    await expectCode('E_REAUTH', rig.source().getToken({ forceRefresh: true }));
    expect(rig.calls).toHaveLength(1);
  });

  test.each(['interaction_required', 'login_required', 'consent_required', 'account_selection_required'])(
    '%s asks for a sign-in as well',
    async (code) => {
      rig.answer = refusing(code);
      await expectCode('E_REAUTH', rig.source().getToken());
      expect((await rig.stored())?.reauthRequired?.reason).toBe('refused');
    },
  );

  test('a new sign-in ends the state', async () => {
    rig.answer = refusing('invalid_grant');
    await expectCode('E_REAUTH', rig.source().getToken());
    await rig.store.saveToken({
      id: rig.saved.id,
      accessToken: 'new-access',
      refreshToken: 'new-refresh',
      expiresAt: rig.now() + hour,
    });
    const token = await rig.source().getToken();
    expect(token).toMatchObject({ accessToken: 'new-access', outcome: 'fresh' });
    expect(token).not.toHaveProperty('reauthRequired');
  });

  test('a token that still works is used to its end, and says that a sign-in is due', async () => {
    rig.pass(-5 * minute);
    rig.answer = refusing('invalid_grant');
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'access-1', outcome: 'kept' });
    expect(await rig.source().getToken()).toMatchObject({ outcome: 'kept', reauthRequired: { reason: 'refused' } });
    expect(rig.calls).toHaveLength(1);
    rig.pass(5 * minute);
    await expectCode('E_REAUTH', rig.source().getToken());
  });

  test('what somebody else has stored meanwhile is adopted, and the refusal forgotten', async () => {
    rig.answer = async () => {
      const expiresAt = rig.now() + hour;
      await rig.store.saveToken({ id: rig.saved.id, accessToken: 'theirs', refreshToken: 'theirs-too', expiresAt });
      return refusing('invalid_grant')();
    };
    expect(await rig.source().getToken()).toMatchObject({ accessToken: 'theirs', outcome: 'adopted', revision: 2 });
    expect(rig.events.map(({ type }) => type)).toEqual(['adopted']);
    expect(await doubts()).toBe(0);
  });

  test('a token that was deleted meanwhile stays deleted', async () => {
    rig.answer = async () => {
      await rig.store.deleteToken(rig.saved.id);
      return refusing('invalid_grant')();
    };
    expect((await expectCode('E_REAUTH', rig.source().getToken())).reason).toBeUndefined();
    expect(await rig.store.getTokens()).toEqual([]);
  });
});

describe('when the authorization server refuses the client', () => {
  test.each(['invalid_client', 'unauthorized_client', 'invalid_scope', 'unsupported_grant_type'])(
    '%s is a configuration error that leaves the token untouched',
    async (code) => {
      rig.answer = refusing(code);
      expect((await expectCode('E_CONFIG', rig.source().getToken())).oauthError).toBe(code);
      expect(await rig.stored()).toEqual(rig.saved);
      expect(rig.events).toMatchObject([{ type: 'configuration-error', oauthError: code }]);
      expect(await doubts()).toBe(-1);
      rig.pass(minute);
      expect(await doubts()).toBe(0);
    },
  );

  test('nobody asks again for half a minute, and a token that works is used', async () => {
    rig.pass(-5 * minute);
    rig.answer = refusing('invalid_client');
    expect(await rig.source().getToken()).toMatchObject({ outcome: 'kept' });
    rig.pass(29_000);
    expect(await rig.source().getToken()).toMatchObject({ outcome: 'kept' });
    expect(rig.calls).toHaveLength(1);
    rig.pass(20_000);
    await rig.source().getToken();
    expect(rig.calls).toHaveLength(2);
  });
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
    expect(await doubts()).toBe(0);
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
  });
});

describe('when nobody knows whether the server replaced the refresh token', () => {
  const lost = [
    ['a lost connection', unreachable()],
    ['a lost connection that says so', unreachable({ inDoubt: true })],
    ['an answer of a gateway', refusing('server_error', { inDoubt: true })],
    ['an answer nobody can read', refusing('server_error')],
    ['a refresh function that broke', () => Promise.reject(new Error('sentinel-of-somebody-else'))],
  ] as const;

  test.each(lost)('%s leaves a doubt behind, which an unrelated save does not clear', async (_, answer) => {
    rig.answer = answer;
    const error = await expectCode('E_UNAVAILABLE', rig.source().getToken());
    expect(String(error)).not.toContain('sentinel');
    expect(rig.events.map(({ type }) => type)).toEqual(['in-doubt', 'retry-later']);
    await rig.store.saveToken({ id: rig.saved.id, extras: { seen: true } });
    rig.pass(minute);
    expect(await doubts()).toBe(1);
  });

  test('it is sent once more, and when the server takes it nothing is lost', async () => {
    const { answer } = rig;
    rig.answer = unreachable();
    await expectCode('E_UNAVAILABLE', rig.source().getToken());
    rig.pass(minute);
    rig.answer = answer;
    expect(await rig.source().getToken()).toMatchObject({ outcome: 'refreshed' });
    expect(rig.calls.map(({ inDoubt }) => inDoubt)).toEqual([false, true]);
    expect(await doubts()).toBe(0);
  });

  test('when the server refuses it then, the user is told that a renewal was cut off', async () => {
    rig.answer = unreachable();
    await expectCode('E_UNAVAILABLE', rig.source().getToken());
    rig.pass(minute);
    rig.answer = refusing('invalid_grant');
    expect((await expectCode('E_REAUTH', rig.source().getToken())).reason).toBe('interrupted');
    expect((await rig.stored())?.reauthRequired?.reason).toBe('interrupted');
  });

  test('it is never sent a third time', async () => {
    rig.answer = unreachable();
    for (let attempt = 0; attempt < 2; attempt++) {
      await expectCode('E_UNAVAILABLE', rig.source().getToken());
      rig.pass(minute);
    }
    expect(rig.events).toContainEqual(expect.objectContaining({ type: 'in-doubt', attempts: 2 }));
    expect((await expectCode('E_REAUTH', rig.source().getToken())).reason).toBe('interrupted');
    expect(rig.calls).toHaveLength(2);
  });

  test('a failure that is known to have reached nobody does not count', async () => {
    rig.answer = unreachable();
    await expectCode('E_UNAVAILABLE', rig.source().getToken());
    rig.answer = unreachable({ inDoubt: false });
    for (let attempt = 0; attempt < 5; attempt++) {
      rig.pass(minute);
      await expectCode('E_UNAVAILABLE', rig.source().getToken());
    }
    rig.answer = async () => ({ accessToken: 'access-9' });
    rig.pass(minute);
    expect((await rig.source().getToken()).accessToken).toBe('access-9');
  });

  test('it is not sent again at all where the provider wants a sign-in instead', async () => {
    rig.answer = unreachable();
    const source = rig.source({ whenInDoubt: 'sign-in' });
    await expectCode('E_UNAVAILABLE', source.getToken());
    rig.pass(minute);
    expect((await expectCode('E_REAUTH', source.getToken())).reason).toBe('interrupted');
    expect(rig.calls).toHaveLength(1);
  });

  test('a holder that died leaves a doubt, once its claim is over', async () => {
    await rig.store.claimToken(rig.saved, { owner: 'dead', ttlMs: minute });
    rig.pass(minute);
    expect(await rig.source().getToken()).toMatchObject({ outcome: 'refreshed' });
    expect(rig.calls.map(({ inDoubt }) => inDoubt)).toEqual([true]);
  });
});

describe('listeners', () => {
  test('that are waited for are told before the caller gets the token, those that are not wait for nobody', async () => {
    const told: string[] = [];
    const token = rig
      .source({
        onEvent: ({ type }) => void told.push(`${type} at once`),
        onEventAwaited: async ({ type }) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          told.push(`${type} waited for`);
        },
      })
      .getToken()
      .then(() => told.push('the caller'));
    await token;
    expect(told).toEqual(['refreshed at once', 'refreshed waited for', 'the caller']);
  });

  test('cost nobody a token when they throw', async () => {
    const fails = () => {
      throw new Error('a listener that broke');
    };
    const source = rig.source({ onEvent: fails, onEventAwaited: async () => fails() });
    expect((await source.getToken()).accessToken).toBe('access-2');
    expect((await rig.source({ onEventAwaited: fails }).getToken({ forceRefresh: true })).accessToken).toBe('access-3');
  });

  test('cost nobody a token, nor the process its life, when they return a promise that fails', async () => {
    const handled: unknown[] = [];
    const onEvent = () => {
      const rejected = Promise.reject(new Error('a listener that broke'));
      handled.push(vi.spyOn(rejected, 'then'));
      return rejected;
    };
    await rig.source({ onEvent }).getToken();
    expect(handled[0]).toHaveBeenCalled();
  });

  test('hear of nothing secret', async () => {
    await rig.source().getToken();
    rig.answer = unreachable();
    await expectCode('E_UNAVAILABLE', rig.source().getToken({ forceRefresh: true }));
    rig.pass(minute);
    rig.answer = refusing('invalid_grant');
    await expectCode('E_REAUTH', rig.source().getToken({ forceRefresh: true }));
    expect(rig.events.map(({ type }) => type)).toEqual(['refreshed', 'in-doubt', 'retry-later', 'reauth-required']);
    expect(JSON.stringify(rig.events)).not.toMatch(/access-|refresh-|ann|login\.example/);
  });
});
