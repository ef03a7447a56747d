import * as sdk from '@zohocrm/typescript-sdk-8.0';
import { describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { zohoDataCenters } from '../../src/integrations/zoho/index.ts';
import { sdkFailure } from '../support/zoho-sdk/sdk-failure.ts';
import { heldFields, type SdkFields, sdkToken } from '../support/zoho-sdk/sdk-fields.ts';
import {
  access,
  ann,
  grant,
  inAnHour,
  now,
  refresh,
  sdkStore,
  secret,
  secrets,
} from '../support/zoho-sdk/sdk-store.ts';

describe('zohoTokenStore', () => {
  test('is a TokenStore of the SDK, and its tokens are OAuthTokens of that very copy', async () => {
    const { own } = await sdkStore();
    const theirs: sdk.TokenStore.MasterModel = own;
    await theirs.saveToken(sdkToken(ann));
    const all: sdk.OAuthToken[] = await own.getTokens();
    const found: sdk.OAuthToken | null = await own.findToken(sdkToken({ user: ann.user as string }));
    const byId: sdk.OAuthToken = await own.findTokenById(all[0]?.getId() as string);
    for (const one of [...all, found, byId]) expect(one).toBeInstanceOf(sdk.OAuthToken);
    expect(theirs.findToken(sdkToken({}))).toBeInstanceOf(Promise);
  });

  test('keeps every field, as the native store names it', async () => {
    const { store, own, saved } = await sdkStore();
    const { id } = await saved(ann);
    expect(await store.getTokens()).toEqual([
      {
        id,
        revision: 1,
        userName: ann.user,
        issuer: zohoDataCenters.eu.accounts,
        clientId: ann.client,
        clientSecret: secret,
        redirectUrl: ann.redirect,
        grantToken: grant,
        refreshToken: refresh,
        accessToken: access,
        tokenType: 'Zoho-oauthtoken',
        expiresAt: now + 3_600_000,
        apiDomain: ann.api,
      },
    ]);
    expect(heldFields(await own.findTokenById(id as string))).toEqual({ ...ann, id });
    expect((await own.getTokens()).map(heldFields)).toEqual([{ ...ann, id }]);
  });

  test('fills the caller’s own object when it finds or saves', async () => {
    const { own } = await sdkStore();
    const first = sdkToken(ann);
    expect(await own.saveToken(first)).toBeUndefined();
    expect(first.getId()).toMatch(/./);
    const asked = sdkToken({ user: ann.user as string });
    expect(await own.findToken(asked)).toBe(asked);
    expect(heldFields(asked)).toEqual(heldFields(first));
  });

  test('finds a token by each of its keys, and by the id first of all', async () => {
    const { saved, find } = await sdkStore();
    const { user, client, secret: own } = ann as Required<SdkFields>;
    const whole = await saved(ann);
    const bob = await saved({ ...ann, user: 'bob', grant: 'G-bob', refresh: 'R-bob', access: 'A-bob' });
    for (const key of [{ user }, { access }, { refresh }, { grant }, { access, client, secret: own }]) {
      expect(await find(key)).toEqual(whole);
      expect(await find({ ...key, client })).toEqual(whole);
    }
    expect(await find({ id: bob.id as string, user })).toEqual(bob);
    expect(await find({ user, client: '1000.OTHER' })).toEqual({});
  });

  test('empty: no tokens, null for a token, an error for an id, and nothing to delete', async () => {
    const { own } = await sdkStore();
    expect(await own.getTokens()).toEqual([]);
    expect(await own.findToken(sdkToken(ann))).toBeNull();
    expect(await own.deleteToken('nobody')).toBeUndefined();
    expect(await own.deleteTokens()).toBeUndefined();
    expect(await sdkFailure(own.findTokenById('nobody'))).toBe('E_REAUTH: there is no token with this id; sign in');
  });

  test('deletes one, or all of them', async () => {
    const { own, saved, find } = await sdkStore();
    const { id } = await saved(ann);
    const bob = await saved({ user: 'bob', access: 'A-bob' });
    await own.deleteToken(id as string);
    expect(await find({ user: ann.user as string })).toEqual({});
    expect((await own.getTokens()).map(heldFields)).toEqual([bob]);
    await own.deleteTokens();
    expect(await own.getTokens()).toEqual([]);
  });

  test('takes empty texts and null for nothing', async () => {
    const { store, own } = await sdkStore();
    const empty = sdkToken({ ...ann, user: '', grant: '', redirect: '', expires: '', api: '' });
    empty.setRefreshToken(null);
    await own.saveToken(empty);
    const [stored] = await store.getTokens();
    expect(Object.keys(stored ?? {}).sort()).toEqual(
      ['id', 'revision', 'clientId', 'clientSecret', 'accessToken', 'tokenType'].sort(),
    );
  });

  test('keeps an API domain of a data centre only, of whichever environment', async () => {
    const { store, saved, find } = await sdkStore();
    const { us, cn, uk } = zohoDataCenters;
    for (const [api, accounts] of [
      [us.api, us.accounts],
      [cn.sandbox, cn.accounts],
      [uk.developer, uk.accounts],
      ['https://evil.example', undefined],
      ['https://www.zohoapis.com/', undefined],
      ['us', undefined],
    ] as const) {
      const { id } = await saved({ user: `${api}`, access: `A-${api}`, api });
      expect(await store.findTokenById(id as string)).toMatchObject(
        accounts === undefined ? { userName: api } : { apiDomain: api, issuer: accounts },
      );
      expect((await find({ user: api })).api).toBe(accounts && api);
    }
  });

  test('refuses objects that are none of that copy’s tokens', async () => {
    const { own } = await sdkStore();
    for (const other of [{}, { ...sdkToken(ann) }, null]) {
      for (const method of ['findToken', 'saveToken'] as const) {
        expect(await sdkFailure(own[method](other as never))).toMatch(/^E_INPUT: .*same copy/);
      }
    }
    expect(await own.getTokens()).toEqual([]);
  });

  test('takes over what another store of the SDK had, ids and all', async () => {
    const { own, saved } = await sdkStore();
    for (const id of ['1', '2', '10']) await saved({ id, user: `user ${id}`, access: `A${id}`, expires: inAnHour });
    expect(heldFields(await own.findTokenById('10'))).toMatchObject({ user: 'user 10' });
    expect(await own.getTokens()).toHaveLength(3);
    expect(await saved({ user: 'user 2', access: 'A2' })).toMatchObject({ id: '2', expires: inAnHour });
  });

  test('a save that brings less keeps the rest', async () => {
    const { saved, find } = await sdkStore();
    const { id } = await saved(ann);
    const { user, client } = ann as Required<SdkFields>;
    await saved({ user, client, access: 'A2', expires: inAnHour });
    expect(await find({ user })).toEqual({ ...ann, id, access: 'A2' });
  });

  test('a redirect URL stays what the caller made it', async () => {
    const { saved, find } = await sdkStore();
    const whole = await saved(ann);
    const redirect = 'https://app.example/another-callback';
    expect(await find({ user: ann.user as string, redirect })).toEqual({ ...whole, redirect });
  });

  test('an object that was filled, and made another’s, is saved as another’s', async () => {
    const { own, saved } = await sdkStore();
    const { id } = await saved(ann);
    const found = await own.findTokenById(id as string);
    found.setId(null);
    found.setUserSignature(new sdk.UserSignature('bob'));
    await own.saveToken(found);
    expect((await own.getTokens()).map(heldFields)).toEqual(expect.arrayContaining([{ ...ann, id }]));
    expect(found.getId()).not.toBe(id);
  });

  test('a grant that was not exchanged yet is found, for the SDK to exchange it', async () => {
    const { saved, find } = await sdkStore();
    const { user, client } = ann as Required<SdkFields>;
    const waiting = await saved({ user, client, secret, grant });
    expect(await find({ user })).toEqual(waiting);
    expect(await find({ grant })).toEqual(waiting);
  });

  test('a secret that was changed at Zoho is kept for the calls that ask by the id', async () => {
    const { store, own, saved, find } = await sdkStore();
    const { id } = await saved(ann);
    const { client } = ann as Required<SdkFields>;
    expect(await find({ user: ann.user as string, client, secret: 'a newer secret' })).toMatchObject({
      secret: 'a newer secret',
    });
    const newer = { ...ann, id, secret: 'a newer secret' };
    expect(heldFields(await own.findTokenById(id as string))).toEqual(newer);
    // one write, and none for a secret that is known or of another client
    expect(await find({ user: ann.user as string, client, secret: 'a newer secret' })).toEqual(newer);
    expect(await find({ id: id as string, client: '1000.OTHER', secret: 'of another client' })).toEqual(newer);
    expect(await store.findTokenById(id as string)).toMatchObject({ clientSecret: 'a newer secret', revision: 2 });
  });

  test('a user of two data centres is told apart by the API domain, and nobody is guessed', async () => {
    const { own, saved, find } = await sdkStore();
    const { us, eu, au } = zohoDataCenters;
    const at = async (api: string) => saved({ ...ann, api, grant: `G${api}`, refresh: `R${api}`, access: `A${api}` });
    const [first, second] = [await at(us.api), await at(eu.sandbox)];
    const user = ann.user as string;
    expect(first.id).not.toBe(second.id);
    expect(await find({ user, api: us.api })).toEqual(first);
    expect(await find({ user, api: eu.api })).toEqual(second);
    expect(await find({ user, api: au.api })).toEqual({});
    expect(await sdkFailure(own.findToken(sdkToken({ user })), [...secrets, user])).toMatch(
      /^E_AMBIGUOUS: .*API domain/,
    );
    await at(au.api);
    expect(await own.getTokens()).toHaveLength(3);
  });

  test('a token that was stored before its data centre was known gets it, and no second record', async () => {
    const { store, own, saved, find } = await sdkStore();
    const { api, ...unplaced } = ann as Required<SdkFields>;
    const { id } = await saved(unplaced);
    expect(await saved({ ...ann, grant: 'G2', refresh: 'R2', access: 'A2' })).toMatchObject({ id, api });
    expect(await own.getTokens()).toHaveLength(1);
    await saved({ ...unplaced, grant: 'G3', refresh: 'R3', access: 'A3' });
    const [stored] = await store.getTokens();
    for (const field of ['issuer', 'apiDomain']) expect(stored).not.toHaveProperty(field);
    expect(await find({ user: ann.user as string, api })).toMatchObject({ id, api });
  });

  test('every failure is an SDKException without a secret, and rejects nothing that nobody waits for', async () => {
    const unhandled: unknown[] = [];
    process.on('unhandledRejection', (reason) => unhandled.push(reason));
    const fails = new Proxy(memoryBackend(), {
      get: (target, name) => {
        if (name === 'capabilities') return target.capabilities;
        return () => Promise.reject(new Error(`the driver quotes ${secrets}`));
      },
    });
    const { own } = await sdkStore(fails);
    const calls = [
      () => own.findToken(sdkToken(ann)),
      () => own.findTokenById('1'),
      () => own.saveToken(sdkToken(ann)),
      () => own.deleteToken('1'),
      () => own.getTokens(),
      () => own.deleteTokens(),
    ];
    for (const call of calls) {
      expect(await sdkFailure(call(), secrets)).toMatch(/^E_STORAGE: /);
      void call();
    }
    await new Promise((resolve) => setTimeout(resolve));
    expect(unhandled).toEqual([]);
  });
});
