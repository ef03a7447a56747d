import { assertEqual } from './assert-equal.ts';
import { assertRejects } from './assert-rejects.ts';
import { idsOf, type TokenCases, userToken } from './token-scenario.ts';

/** What a token store promises about listing, deleting, other stores and callers who meet. */
export const tokenListingCases: TokenCases = {
  'an empty store lists nothing': async ({ store }) => {
    assertEqual(await store.getTokens(), [], 'the tokens');
  },

  'all tokens are listed, also when they are many': async ({ store }) => {
    const total = 250;
    const saved = [];
    for (let i = 0; i < total; i += 25) {
      const some = Array.from({ length: 25 }, (_, k) => store.saveToken(userToken(`user ${i + k}`)));
      saved.push(...(await Promise.all(some)));
    }
    const listed = await store.getTokens();
    assertEqual(idsOf(listed), idsOf(saved), 'the ids');
    assertEqual(new Set(listed.map(({ userName }) => userName)).size, total, 'how many users there are');
  },

  'a deleted token is gone, and so is nothing else': async ({ store }) => {
    const ann = await store.saveToken(userToken('ann'));
    const bob = await store.saveToken(userToken('bob'));
    await store.deleteToken(ann.id);
    assertEqual(await store.findTokenById(ann.id), undefined, 'by id');
    for (const field of ['userName', 'accessToken', 'refreshToken'] as const) {
      assertEqual(await store.findToken({ [field]: ann[field] }), undefined, `by ${field}`);
    }
    assertEqual(await store.getTokens(), [bob], 'what is left');
  },

  'deleting a token that is not there succeeds': async ({ store }) => {
    await store.deleteToken('absent');
    const { id } = await store.saveToken(userToken('ann'));
    await store.deleteToken(id);
    await store.deleteToken(id);
    assertEqual(await store.getTokens(), [], 'what is left');
  },

  'a deleted user can be saved anew': async ({ store }) => {
    const before = await store.saveToken(userToken('ann'));
    await store.deleteToken(before.id);
    const after = await store.saveToken(userToken('ann'));
    assertEqual(after.id === before.id, false, 'whether the id was used again');
    assertEqual(after, { ...before, id: after.id }, 'the token');
    await store.deleteTokens();
    assertEqual((await store.saveToken(userToken('ann'))).revision, 1, 'the revision after everything was deleted');
  },

  'deleting all tokens leaves an empty store': async ({ store }) => {
    await store.deleteTokens();
    for (const user of ['ann', 'bob', 'carol']) await store.saveToken(userToken(user));
    await store.deleteTokens();
    assertEqual(await store.getTokens(), [], 'what is listed');
    assertEqual(await store.findToken({ userName: 'ann' }), undefined, 'what is found');
  },

  'two stores do not see, change or delete each other’s tokens': async ({ store, other }) => {
    const here = await store.saveToken({ ...userToken('ann'), id: 'one id' });
    const there = await other.saveToken({ ...userToken('ann'), id: 'one id', scope: 'other' });
    assertEqual(await store.findToken({ userName: 'ann' }), here, 'the token of the one');
    assertEqual(await other.findToken({ userName: 'ann' }), there, 'the token of the other');
    await store.deleteTokens();
    assertEqual(await other.getTokens(), [there], 'the other after the one was emptied');
    const bob = await store.saveToken(userToken('bob'));
    assertEqual(await other.findTokenById(bob.id), undefined, 'a token of the one, by id, in the other');
    await other.deleteToken(bob.id);
    assertEqual(await store.findTokenById(bob.id), bob, 'after the other was told to delete it');
  },

  'concurrent saves of different users lose nothing': async ({ store }) => {
    const users = Array.from({ length: 12 }, (_, i) => `user ${i}`);
    const saved = await Promise.all(users.map((user) => store.saveToken(userToken(user))));
    assertEqual(idsOf(await store.getTokens()), idsOf(saved), 'the ids');
  },

  'concurrent first saves of one user leave one token': async ({ store, settlesRaces }) => {
    if (!settlesRaces) return;
    const token = userToken('ann');
    const saved = await Promise.all(Array.from({ length: 6 }, () => store.saveToken(token)));
    const listed = await store.getTokens();
    assertEqual(new Set(saved.map(({ id }) => id)).size, 1, 'how many ids were returned');
    assertEqual(listed, [{ ...token, id: saved[0]?.id, revision: 6 }], 'what is listed');
  },

  'concurrent saves of different fields are all kept': async ({ store, settlesRaces }) => {
    if (!settlesRaces) return;
    const { id } = await store.saveToken(userToken('ann'));
    const changes = {
      scope: 'new scope',
      apiDomain: 'https://new.example',
      tokenType: 'DPoP',
      idToken: 'new ID token',
    };
    await Promise.all(Object.entries(changes).map(([field, value]) => store.saveToken({ id, [field]: value })));
    assertEqual(await store.findTokenById(id), { ...userToken('ann'), ...changes, id, revision: 5 }, 'the token');
  },

  'of concurrent saves of one revision exactly one succeeds': async ({ store, settlesRaces }) => {
    if (!settlesRaces) return;
    const { id, revision } = await store.saveToken(userToken('ann'));
    const saves = Array.from({ length: 6 }, (_, i) => store.saveToken({ id, revision, scope: `scope ${i}` }));
    const settled = await Promise.allSettled(saves);
    const won = settled.findIndex(({ status }) => status === 'fulfilled');
    for (const [i, save] of saves.entries()) {
      if (i !== won) await assertRejects(save, 'E_CONFLICT', 'a save that lost');
    }
    assertEqual((await store.findTokenById(id))?.scope, `scope ${won}`, 'the scope');
  },
};
