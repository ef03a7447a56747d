import type { TokenQuery } from '../core/oauth-token.ts';
import { assertEqual } from './assert-equal.ts';
import { assertRejects } from './assert-rejects.ts';
import { type TokenCases, userToken } from './token-scenario.ts';

/** What a token store promises about finding. */
export const tokenFindingCases: TokenCases = {
  'a saved token is found by its id and by each field that finds tokens': async ({ store }) => {
    const ann = await store.saveToken(userToken('ann'));
    await store.saveToken(userToken('bob'));
    const grant = await store.saveToken({ userName: 'carol', grantToken: 'grant token of carol' });
    assertEqual(await store.findTokenById(ann.id), ann, 'by id');
    const queries: readonly TokenQuery[] = [
      { id: ann.id },
      { userName: 'ann' },
      { accessToken: 'access token of ann' },
      { refreshToken: 'refresh token of ann' },
    ];
    for (const query of queries) assertEqual(await store.findToken(query), ann, `by ${Object.keys(query)}`);
    assertEqual(await store.findToken({ grantToken: 'grant token of carol' }), grant, 'by grant token');
  },

  'a miss is undefined': async ({ store }) => {
    const miss = async (when: string): Promise<void> => {
      assertEqual(await store.findTokenById('absent'), undefined, `by id ${when}`);
      for (const field of ['id', 'userName', 'accessToken', 'refreshToken', 'grantToken'] as const) {
        assertEqual(await store.findToken({ [field]: 'absent' }), undefined, `by ${field} ${when}`);
      }
    };
    await miss('in an empty store');
    await store.saveToken(userToken('ann'));
    await miss('beside another token');
  },

  'a query that can find nothing is refused, and never finds just any token': async ({ store }) => {
    await store.saveToken(userToken('ann'));
    const client = { clientId: 'client', clientSecret: 'secret of ann', issuer: 'https://issuer.example' };
    for (const query of [{}, { clientId: 'client' }, { issuer: 'https://issuer.example' }, client]) {
      await assertRejects(store.findToken(query), 'E_QUERY', `a query of ${Object.keys(query).join() || 'nothing'}`);
    }
  },

  'the id decides before everything else': async ({ store }) => {
    const ann = await store.saveToken(userToken('ann'));
    await store.saveToken(userToken('bob'));
    const query = { id: ann.id, userName: 'bob', accessToken: 'access token of bob' };
    assertEqual(await store.findToken(query), ann, 'the token');
    assertEqual(await store.findToken({ ...query, id: 'absent' }), undefined, 'with an id that nobody has');
  },

  'the user name decides before the tokens': async ({ store }) => {
    const ann = await store.saveToken(userToken('ann'));
    await store.saveToken(userToken('bob'));
    const query = { userName: 'ann', accessToken: 'access token of bob', refreshToken: 'refresh token of bob' };
    assertEqual(await store.findToken(query), ann, 'the token');
    assertEqual(await store.findToken({ ...query, userName: 'nobody' }), undefined, 'with a name that nobody has');
  },

  'the access token decides before the others, unless the client is named': async ({ store }) => {
    const ann = await store.saveToken(userToken('ann'));
    const bob = await store.saveToken(userToken('bob'));
    const query = { accessToken: 'access token of ann', refreshToken: 'refresh token of bob' };
    assertEqual(await store.findToken(query), ann, 'without a client');
    assertEqual(await store.findToken({ ...query, clientId: 'client' }), bob, 'with a client id');
    assertEqual(await store.findToken({ ...query, clientSecret: 'secret of bob' }), bob, 'with a client secret');
    const byAccess = { accessToken: 'access token of ann', clientId: 'client' };
    assertEqual(await store.findToken(byAccess), ann, "by the client's access token");
    assertEqual(await store.findToken({ ...byAccess, clientId: 'another' }), undefined, "by another client's");
  },

  'the grant token decides before the refresh token': async ({ store }) => {
    const grant = await store.saveToken({ userName: 'ann', grantToken: 'grant token of ann' });
    await store.saveToken(userToken('bob'));
    const query = { grantToken: 'grant token of ann', refreshToken: 'refresh token of bob' };
    assertEqual(await store.findToken(query), grant, 'the token');
  },

  'issuer and client narrow a user name': async ({ store }) => {
    const first = await store.saveToken(userToken('ann'));
    const named = { userName: 'ann', issuer: 'https://issuer.example' };
    assertEqual(await store.findToken({ ...named, clientId: 'client' }), first, 'the right client');
    assertEqual(await store.findToken({ ...named, clientId: 'another' }), undefined, 'another client');
    assertEqual(
      await store.findToken({ userName: 'ann', issuer: 'https://other.example' }),
      undefined,
      'another issuer',
    );
  },

  'two matches are refused until the query tells them apart': async ({ store }) => {
    const first = await store.saveToken(userToken('ann'));
    const tokens = { accessToken: 'second access token', refreshToken: 'second refresh token' };
    const second = await store.saveToken({ ...userToken('ann'), ...tokens, clientId: 'second client' });
    await assertRejects(store.findToken({ userName: 'ann' }), 'E_AMBIGUOUS', 'by the user name alone');
    assertEqual(await store.findToken({ userName: 'ann', clientId: 'client' }), first, 'with the first client');
    assertEqual(await store.findToken({ userName: 'ann', clientId: 'second client' }), second, 'with the second');
  },

  'the tokens of one user for two resources are two, and told apart': async ({ store }) => {
    const plain = await store.saveToken(userToken('ann'));
    const tokens = { accessToken: 'second access token', refreshToken: 'second refresh token' };
    const resource = 'https://mail.example';
    const mail = await store.saveToken({ ...userToken('ann'), ...tokens, resource });
    const named = { userName: 'ann', issuer: 'https://issuer.example', clientId: 'client' };
    assertEqual(await store.findToken(named), plain, 'without a resource');
    assertEqual(await store.findToken({ ...named, resource }), mail, 'with the resource');
    assertEqual(await store.findToken({ ...named, resource: 'https://other.example' }), undefined, 'with another');
    await assertRejects(store.findToken({ userName: 'ann' }), 'E_AMBIGUOUS', 'by the user name alone');
    assertEqual(await store.findToken({ userName: 'ann', resource }), mail, 'by the user name and the resource');
  },

  'a scope is a demand: a token with less of it, or of which nobody knows, is not found': async ({ store }) => {
    const ann = await store.saveToken(userToken('ann'));
    const commas = await store.saveToken({ userName: 'bob', accessToken: 'b', scope: 'read,write' });
    await store.saveToken({ userName: 'carol', accessToken: 'c' });
    for (const scope of ['read', 'write', 'write read', 'read,write']) {
      assertEqual(await store.findToken({ userName: 'ann', scope }), ann, scope);
      assertEqual(await store.findToken({ id: ann.id, scope }), ann, `${scope}, by id`);
      assertEqual(await store.findToken({ userName: 'bob', scope }), commas, `${scope}, of a scope with commas`);
      assertEqual(await store.findToken({ userName: 'carol', scope }), undefined, `${scope}, of no scope`);
    }
    for (const scope of ['delete', 'read delete', 'rea', 'read write delete']) {
      assertEqual(await store.findToken({ userName: 'ann', scope }), undefined, scope);
      assertEqual(await store.findToken({ id: ann.id, scope }), undefined, `${scope}, by id`);
    }
  },

  'a token that has been replaced finds nothing any more': async ({ store }) => {
    const { id } = await store.saveToken(userToken('ann'));
    await store.saveToken({ id, accessToken: 'new access token', refreshToken: 'new refresh token' });
    assertEqual(await store.findToken({ accessToken: 'access token of ann' }), undefined, 'by the old access token');
    assertEqual(await store.findToken({ refreshToken: 'refresh token of ann' }), undefined, 'by the old refresh token');
    assertEqual((await store.findToken({ refreshToken: 'new refresh token' }))?.id, id, 'by the new refresh token');
  },
};
