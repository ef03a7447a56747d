import type { TokenChange } from '../core/oauth-token.ts';
import { assertEqual } from './assert-equal.ts';
import { assertRejects } from './assert-rejects.ts';
import { type TokenCases, userToken } from './token-scenario.ts';

/** What a token store promises about saving. */
export const tokenSavingCases: TokenCases = {
  'every field is saved and read back exactly': async ({ store }) => {
    const saved = await store.saveToken(userToken('ann'));
    assertEqual(saved, { ...userToken('ann'), id: saved.id, revision: 1 }, 'what the save returns');
    assertEqual(await store.findTokenById(saved.id), saved, 'what is stored');
    assertEqual(await store.getTokens(), [saved], 'what is listed');
  },

  'a token with hardly any field is saved without the others': async ({ store }) => {
    const saved = await store.saveToken({ accessToken: 'lonely access token' });
    assertEqual(saved, { accessToken: 'lonely access token', id: saved.id, revision: 1 }, 'what the save returns');
    assertEqual(await store.findToken({ accessToken: 'lonely access token' }), saved, 'what is stored');
  },

  'a token that is saved again and again is one token': async ({ store }) => {
    const changes: readonly TokenChange[] = [
      userToken('ann'),
      { userName: 'bob', grantToken: 'grant token of bob' },
      { accessToken: 'access token of nobody' },
      { refreshToken: 'refresh token of nobody' },
      { grantToken: 'grant token of nobody' },
    ];
    for (const change of changes) {
      const { id } = await store.saveToken(change);
      for (let revision = 2; revision <= 5; revision++) {
        const saved = await store.saveToken(change);
        assertEqual([saved.id, saved.revision], [id, revision], 'id and revision');
      }
    }
    assertEqual((await store.getTokens()).length, changes.length, 'how many tokens there are');
  },

  'an id that is given is used': async ({ store }) => {
    const saved = await store.saveToken({ ...userToken('ann'), id: 'chosen id' });
    assertEqual([saved.id, saved.revision], ['chosen id', 1], 'id and revision of the first save');
    const again = await store.saveToken({ id: 'chosen id', scope: 'read' });
    assertEqual(again, { ...saved, revision: 2, scope: 'read' }, 'the second save');
    assertEqual(await store.getTokens(), [again], 'what is listed');
  },

  'a refresh answer keeps what it does not carry': async ({ store }) => {
    const before = await store.saveToken(userToken('ann'));
    const answer = { accessToken: 'new access token', obtainedAt: 1_796_000_000_000, expiresAt: 4_102_444_900_000 };
    const after = await store.saveToken({ id: before.id, ...answer });
    assertEqual(after, { ...before, ...answer, revision: 2 }, 'what the save returns');
    assertEqual(await store.findToken({ refreshToken: 'refresh token of ann' }), after, 'what is stored');
  },

  'null clears a field, and the token is not found by it any more': async ({ store }) => {
    const { id } = await store.saveToken(userToken('ann'));
    const { scope: _scope, extras: _extras, refreshToken: _refreshToken, ...rest } = userToken('ann');
    const after = await store.saveToken({ id, scope: null, extras: null, refreshToken: null });
    assertEqual(after, { ...rest, id, revision: 2 }, 'what the save returns');
    assertEqual(await store.findTokenById(id), after, 'what is stored');
    assertEqual(await store.findToken({ refreshToken: 'refresh token of ann' }), undefined, 'by the cleared field');
  },

  'the grant token goes when a refresh token arrives': async ({ store }) => {
    const { id } = await store.saveToken({ userName: 'ann', grantToken: 'grant token of ann' });
    const tokens = { accessToken: 'access token', refreshToken: 'refresh token' };
    const after = await store.saveToken({ id, ...tokens });
    assertEqual(after, { userName: 'ann', ...tokens, id, revision: 2 }, 'what the save returns');
    assertEqual(await store.findToken({ grantToken: 'grant token of ann' }), undefined, 'by the grant token');
  },

  'new extras replace the old ones as a whole': async ({ store }) => {
    const { id } = await store.saveToken(userToken('ann'));
    const extras = { 'other name': ['x'], empty: {}, none: null };
    assertEqual((await store.saveToken({ id, extras })).extras, extras, 'the extras');
  },

  'one user of two clients or issuers has two tokens': async ({ store }) => {
    const first = await store.saveToken(userToken('ann'));
    const second = await store.saveToken({
      ...userToken('ann'),
      clientId: 'second',
      accessToken: 'a2',
      refreshToken: 'r2',
    });
    const issuer = 'https://other.example';
    const third = await store.saveToken({ ...userToken('ann'), issuer, accessToken: 'a3', refreshToken: 'r3' });
    assertEqual(new Set([first.id, second.id, third.id]).size, 3, 'how many ids there are');
    for (const token of [first, second, third]) assertEqual(await store.findTokenById(token.id), token, 'each of them');
  },

  'a save with the stored revision succeeds, and with any other is a conflict': async ({ store }) => {
    const first = await store.saveToken(userToken('ann'));
    const second = await store.saveToken({ ...first, scope: 'read' });
    assertEqual(second.revision, 2, 'the revision');
    await assertRejects(store.saveToken({ ...first, scope: 'write' }), 'E_CONFLICT', 'a save with the first revision');
    await assertRejects(store.saveToken({ ...second, revision: 3 }), 'E_CONFLICT', 'a save with a later revision');
    const unknown = { id: 'absent', userName: 'bob', accessToken: 'access token of bob', revision: 1 };
    await assertRejects(store.saveToken(unknown), 'E_CONFLICT', 'a save of a token that is gone');
    assertEqual(await store.getTokens(), [second], 'what is stored');
  },

  'revision 0 makes a new token, and touches none that is there': async ({ store }) => {
    const first = await store.saveToken({ ...userToken('ann'), revision: 0 });
    assertEqual(first.revision, 1, 'the revision of the new token');
    for (const again of [
      userToken('ann'),
      { ...userToken('bob'), id: first.id },
      { ...userToken('ann'), id: 'other' },
    ]) {
      await assertRejects(store.saveToken({ ...again, revision: 0 }), 'E_CONFLICT', 'a save over what is there');
    }
    assertEqual(await store.getTokens(), [first], 'what is stored');
  },

  'a writer who comes late does not bring back a replaced refresh token': async ({ store }) => {
    await store.saveToken(userToken('ann'));
    const after = await store.saveToken({ ...userToken('ann'), refreshToken: 'rotated refresh token' });
    await assertRejects(store.saveToken(userToken('ann')), 'E_CONFLICT', 'a save of the old refresh token');
    assertEqual(await store.getTokens(), [after], 'what is stored');
  },

  'the tokens handed out are copies': async ({ store }) => {
    const extras = { list: ['before'] };
    const saved = await store.saveToken({ ...userToken('ann'), extras });
    extras.list[0] = 'after';
    (saved.extras as typeof extras).list[0] = 'after';
    assertEqual((await store.findTokenById(saved.id))?.extras, { list: ['before'] }, 'the stored extras');
  },

  'what cannot be stored is refused before anything is written': async ({ store }) => {
    const refused = [
      ...[Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5].map((expiresAt) => ({ expiresAt })),
      { userName: 'lone \ud800 surrogate' },
      { accessToken: 7 },
      { extras: { when: 1n } },
      { extras: { not: Number.NaN } },
    ];
    for (const [i, change] of refused.entries()) {
      const token = { accessToken: 'access token', ...change } as TokenChange;
      await assertRejects(store.saveToken(token), 'E_INPUT', `refused value ${i}`);
    }
    assertEqual(await store.getTokens(), [], 'what is stored');
  },

  'long values survive': async ({ store }) => {
    const idToken = 'x€'.repeat(50_000);
    const saved = await store.saveToken({ ...userToken('ann'), idToken });
    assertEqual((await store.findTokenById(saved.id))?.idToken === idToken, true, 'whether the ID token is the same');
  },

  'a token can wait for its user to sign in, and a new token ends that': async ({ store }) => {
    const reauthRequired = { reason: 'interrupted', at: 1_795_000_000_000 } as const;
    const renewals = [
      { accessToken: 'new access token' },
      { refreshToken: 'new refresh token' },
      { grantToken: 'new grant' },
    ];
    for (const [i, renewal] of renewals.entries()) {
      const saved = await store.saveToken(userToken(`user ${i}`));
      const waiting = await store.saveToken({ id: saved.id, reauthRequired });
      assertEqual(waiting, { ...saved, revision: waiting.revision, reauthRequired }, 'the token that waits');
      assertEqual(await store.findTokenById(saved.id), waiting, 'the token that is stored');
      const scoped = await store.saveToken({ id: saved.id, scope: 'read' });
      assertEqual(scoped.reauthRequired, reauthRequired, 'after something else was saved');
      const renewed = await store.saveToken({ id: saved.id, ...renewal });
      assertEqual(renewed.reauthRequired, undefined, `after ${Object.keys(renewal).join()}`);
    }
  },
};
