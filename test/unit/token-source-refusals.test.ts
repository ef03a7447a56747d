import { beforeEach, describe, expect, test } from 'vitest';
import { expectCode } from '../support/expect-code.ts';
import { refusing, type SourceRig, sourceRig } from '../support/source-rig.ts';

const minute = 60_000;
const hour = 60 * minute;
let rig: SourceRig;

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
    expect(await rig.doubts()).toBe(0);
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
      expect(await rig.doubts()).toBe(-1);
      rig.pass(minute);
      expect(await rig.doubts()).toBe(0);
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
