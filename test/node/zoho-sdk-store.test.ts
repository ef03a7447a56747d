import * as sdk from '@zohocrm/typescript-sdk-8.0';
import { describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { zohoDataCenters } from '../../src/integrations/zoho/zoho-data-centers.ts';
import { zohoTokenStore } from '../../src/integrations/zoho/zoho-token-store.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../support/test-keyring.ts';
import { sdkFailure } from '../support/zoho-sdk/sdk-failure.ts';

/** The fields of a token of the SDK. */
interface Fields {
  readonly id?: string;
  readonly user?: string;
  readonly client?: string;
  readonly secret?: string;
  readonly redirect?: string;
  readonly grant?: string;
  readonly refresh?: string;
  readonly access?: string;
  readonly expires?: string;
  readonly api?: string;
}

function token(fields: Fields): sdk.OAuthToken {
  const made: sdk.OAuthToken = Reflect.construct(sdk.OAuthToken, []);
  if (fields.id !== undefined) made.setId(fields.id);
  if (fields.user !== undefined) made.setUserSignature(new sdk.UserSignature(fields.user));
  if (fields.client !== undefined) made.setClientId(fields.client);
  if (fields.secret !== undefined) made.setClientSecret(fields.secret);
  if (fields.redirect !== undefined) made.setRedirectURL(fields.redirect);
  if (fields.grant !== undefined) made.setGrantToken(fields.grant);
  if (fields.refresh !== undefined) made.setRefreshToken(fields.refresh);
  if (fields.access !== undefined) made.setAccessToken(fields.access);
  if (fields.expires !== undefined) made.setExpiresIn(fields.expires);
  if (fields.api !== undefined) made.setAPIDomain(fields.api);
  return made;
}

/** What a token of the SDK holds, without what is not set. */
function held(of: sdk.OAuthToken | null): Fields {
  if (of === null) return {};
  const fields = {
    id: of.getId(),
    user: of.getUserSignature()?.getName(),
    client: of.getClientId(),
    secret: of.getClientSecret(),
    redirect: of.getRedirectURL(),
    grant: of.getGrantToken(),
    refresh: of.getRefreshToken(),
    access: of.getAccessToken(),
    expires: of.getExpiresIn(),
    api: of.getAPIDomain(),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const now = Date.UTC(2026, 10, 23);
const inAnHour = String(now + 3_600_000);
const secrets = [
  'secret-of-the-client-0123',
  'grant-token-of-ann-0123',
  'refresh-token-of-ann-0123',
  'access-token-of-ann-0123',
];
const [secret, grant, refresh, access] = secrets as [string, string, string, string];
const ann: Fields = {
  user: 'ann@example.com:60001',
  client: '1000.CLIENT',
  secret,
  redirect: 'https://app.example/callback',
  grant,
  refresh,
  access,
  expires: inAnHour,
  api: zohoDataCenters.eu.api,
};

async function rig(backend: RecordBackend = memoryBackend()) {
  const store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
  const own = zohoTokenStore(store, sdk, { now: () => now });
  const saved = async (fields: Fields): Promise<Fields> => {
    const one = token(fields);
    await own.saveToken(one);
    return held(one);
  };
  return { store, own, saved, find: async (fields: Fields) => held(await own.findToken(token(fields))) };
}

describe('zohoTokenStore', () => {
  test('is a TokenStore of the SDK, and its tokens are OAuthTokens of that very copy', async () => {
    const { own } = await rig();
    const theirs: sdk.TokenStore.MasterModel = own;
    await theirs.saveToken(token(ann));
    const all: sdk.OAuthToken[] = await own.getTokens();
    const found: sdk.OAuthToken | null = await own.findToken(token({ user: ann.user as string }));
    const byId: sdk.OAuthToken = await own.findTokenById(all[0]?.getId() as string);
    for (const one of [...all, found, byId]) expect(one).toBeInstanceOf(sdk.OAuthToken);
    expect(theirs.findToken(token({}))).toBeInstanceOf(Promise);
  });

  test('keeps every field, as the native store names it', async () => {
    const { store, own, saved } = await rig();
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
    expect(held(await own.findTokenById(id as string))).toEqual({ ...ann, id });
    expect((await own.getTokens()).map(held)).toEqual([{ ...ann, id }]);
  });

  test('fills the caller’s own object when it finds or saves', async () => {
    const { own } = await rig();
    const first = token(ann);
    expect(await own.saveToken(first)).toBeUndefined();
    expect(first.getId()).toMatch(/./);
    const asked = token({ user: ann.user as string });
    expect(await own.findToken(asked)).toBe(asked);
    expect(held(asked)).toEqual(held(first));
  });

  test('finds a token by each of its keys, and by the id first of all', async () => {
    const { saved, find } = await rig();
    const { user, client, secret: own } = ann as Required<Fields>;
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
    const { own } = await rig();
    expect(await own.getTokens()).toEqual([]);
    expect(await own.findToken(token(ann))).toBeNull();
    expect(await own.deleteToken('nobody')).toBeUndefined();
    expect(await own.deleteTokens()).toBeUndefined();
    expect(await sdkFailure(own.findTokenById('nobody'))).toBe('E_REAUTH: there is no token with this id; sign in');
  });

  test('deletes one, or all of them', async () => {
    const { own, saved, find } = await rig();
    const { id } = await saved(ann);
    const bob = await saved({ user: 'bob', access: 'A-bob' });
    await own.deleteToken(id as string);
    expect(await find({ user: ann.user as string })).toEqual({});
    expect((await own.getTokens()).map(held)).toEqual([bob]);
    await own.deleteTokens();
    expect(await own.getTokens()).toEqual([]);
  });

  test('takes empty texts and null for nothing', async () => {
    const { store, own } = await rig();
    const empty = token({ ...ann, user: '', grant: '', redirect: '', expires: '', api: '' });
    empty.setRefreshToken(null);
    await own.saveToken(empty);
    const [stored] = await store.getTokens();
    expect(Object.keys(stored ?? {}).sort()).toEqual(
      ['id', 'revision', 'clientId', 'clientSecret', 'accessToken', 'tokenType'].sort(),
    );
  });

  test('keeps an API domain of a data centre only, of whichever environment', async () => {
    const { store, saved, find } = await rig();
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

  test('LC3: hands out no API domain that is not one of a data centre, whoever stored it', async () => {
    const { store, find } = await rig();
    await store.saveToken({ userName: 'eve', accessToken: 'A-eve', apiDomain: 'https://evil.example' });
    expect(await find({ user: 'eve' })).not.toHaveProperty('api');
  });

  test('S10: an expiry that cannot be read is in an hour, so that the token is renewed at all', async () => {
    const { store, saved } = await rig();
    for (const [expires, at] of [
      ['NaN', now + 3_600_000],
      [`${now}3600000`, now + 3_600_000],
      ['soon', now + 3_600_000],
      [String(now + 5), now + 5],
      [undefined, undefined],
    ] as const) {
      const { id } = await saved({ access: `A-${expires}`, refresh: `R-${expires}`, ...(expires && { expires }) });
      expect((await store.findTokenById(id as string))?.expiresAt).toBe(at);
    }
  });

  test('refuses objects that are none of that copy’s tokens', async () => {
    const { own } = await rig();
    for (const other of [{}, { ...token(ann) }, null]) {
      for (const method of ['findToken', 'saveToken'] as const) {
        expect(await sdkFailure(own[method](other as never))).toMatch(/^E_INPUT: .*same copy/);
      }
    }
    expect(await own.getTokens()).toEqual([]);
  });

  test('DB8: a save without any token is refused, and writes nothing', async () => {
    const { store, own, saved } = await rig();
    await saved({ id: '5', user: 'ann', access: 'A-ann' });
    for (const fields of [{ id: '5', user: 'zed' }, { user: 'ann' }, { id: '6' }, {}]) {
      expect(await sdkFailure(own.saveToken(token(fields)))).toMatch(/^E_INPUT: .*add an access, refresh or grant/);
    }
    expect(await store.getTokens()).toMatchObject([{ id: '5', userName: 'ann', revision: 1 }]);
  });

  test('DB6, DB7, SQ7: with nothing to find it by, a token means nobody’s', async () => {
    const { saved, find } = await rig();
    await saved(ann);
    const { client, secret: own } = ann as Required<Fields>;
    for (const fields of [
      {},
      { user: '' },
      { client, secret: own },
      { access: 'A-mine', client, secret: own },
      { grant: 'G' },
    ]) {
      expect(await find(fields)).toEqual({});
    }
    expect(await find({ id: '2' })).toEqual({});
  });

  test('FS10: a token without a user, saved twice, is one', async () => {
    const { own, saved } = await rig();
    const { id } = await saved({ access, client: 'C', secret });
    expect(await saved({ access, client: 'C', secret })).toMatchObject({ id });
    expect(await own.getTokens()).toHaveLength(1);
  });

  test('DB9, SQ9: a renewed token without a user stays one, whatever was renewed', async () => {
    const { own, saved } = await rig();
    const { id } = await saved({ access: 'A1', refresh: 'R1', client: 'C', secret });
    for (const change of [{ access: 'A2' }, { access: 'A3', refresh: 'R3' }, { access: 'A4' }]) {
      const found = await own.findTokenById(id as string);
      found.setAccessToken(change.access);
      if (change.refresh !== undefined) found.setRefreshToken(change.refresh);
      await own.saveToken(found);
    }
    expect((await own.getTokens()).map(held)).toMatchObject([{ id, access: 'A4', refresh: 'R3' }]);
  });

  test('SQ8: what finds a token is what saves over it', async () => {
    const { own, saved, find } = await rig();
    const { id } = await saved({ refresh: 'R1', client: 'C', secret });
    expect(await find({ refresh: 'R1' })).toMatchObject({ id });
    expect(await saved({ refresh: 'R1', access: 'A1' })).toMatchObject({ id });
    expect(await own.getTokens()).toHaveLength(1);
  });

  test('FS4, FS5, FS6, SQ4, DB5: names and values with any characters come back as they were', async () => {
    const { saved, find, own } = await rig();
    const names = ['Doe, John', 'mallory\n7,admin,x', '"quoted"', "O'Brien", "' or 1=1 -- ", 'ÄÖ€😀', '%_\\'];
    for (const user of names) await saved({ user, access: `A-${user}`, refresh: `R-${user}`, client: 'C, D', secret });
    for (const user of names) expect(await find({ user })).toMatchObject({ user, access: `A-${user}`, client: 'C, D' });
    expect(await own.getTokens()).toHaveLength(names.length);
    for (const id of ['1 or 1=1', "x' or '1'='1"]) await own.deleteToken(id);
    expect(await own.getTokens()).toHaveLength(names.length);
  });

  test('FS1, FS2, DB1, DB2, DB3, SQ3: twenty first saves at once leave twenty tokens, and those of one user one', async () => {
    const { own, saved } = await rig();
    const users = Array.from({ length: 20 }, (_, n) => `user ${n}`);
    await Promise.all(users.map((user) => saved({ user, access: `A-${user}`, refresh: `R-${user}`, client: 'C' })));
    expect((await own.getTokens()).map((one) => one.getUserSignature()?.getName()).sort()).toEqual(users.sort());
    await own.deleteTokens();
    const same = users.map((_, n) => saved({ user: 'ann', access: `A${n}`, refresh: `R${n}`, client: 'C' }));
    const ids = new Set((await Promise.all(same)).map(({ id }) => id));
    expect(ids.size).toBe(1);
    expect(await own.getTokens()).toHaveLength(1);
  });

  test('FS7, SQ12: no id is given out twice', async () => {
    const { own, saved } = await rig();
    await saved({ user: 'ann', access: 'A-ann' });
    const bob = await saved({ user: 'bob', access: 'A-bob' });
    await own.deleteToken(bob.id as string);
    const carol = await saved({ user: 'carol', access: 'A-carol' });
    expect(carol.id).not.toBe(bob.id);
    await sdkFailure(own.findTokenById(bob.id as string));
  });

  test('FS3: a first save does not undo a renewal beside it', async () => {
    const { own, saved, find } = await rig();
    const { id } = await saved({ ...ann });
    const renewing = await own.findTokenById(id as string);
    renewing.setAccessToken('A-new');
    await Promise.all([own.saveToken(renewing), saved({ user: 'bob', access: 'A-bob' })]);
    expect(await find({ user: ann.user as string })).toMatchObject({ access: 'A-new' });
    expect(await find({ user: 'bob' })).toMatchObject({ access: 'A-bob' });
  });

  test('takes over what another store of the SDK had, ids and all', async () => {
    const { own, saved } = await rig();
    for (const id of ['1', '2', '10']) await saved({ id, user: `user ${id}`, access: `A${id}`, expires: inAnHour });
    expect(held(await own.findTokenById('10'))).toMatchObject({ user: 'user 10' });
    expect(await own.getTokens()).toHaveLength(3);
    expect(await saved({ user: 'user 2', access: 'A2' })).toMatchObject({ id: '2', expires: inAnHour });
  });

  test('a secret that was changed at Zoho is kept for the calls that ask by the id', async () => {
    const { own, saved, find } = await rig();
    const { id } = await saved(ann);
    const { client } = ann as Required<Fields>;
    expect(await find({ user: ann.user as string, client, secret: 'a newer secret' })).toMatchObject({
      secret: 'a newer secret',
    });
    expect(held(await own.findTokenById(id as string))).toEqual({ ...ann, id, secret: 'a newer secret' });
    await find({ id: id as string, client: '1000.OTHER', secret: 'of another client' });
    expect(held(await own.findTokenById(id as string))).toMatchObject({ secret: 'a newer secret' });
  });

  test('a user of two data centres is told apart by the API domain, and nobody is guessed', async () => {
    const { own, saved, find } = await rig();
    const { us, eu, au } = zohoDataCenters;
    const at = async (api: string) => saved({ ...ann, api, grant: `G${api}`, refresh: `R${api}`, access: `A${api}` });
    const [first, second] = [await at(us.api), await at(eu.sandbox)];
    const user = ann.user as string;
    expect(first.id).not.toBe(second.id);
    expect(await find({ user, api: us.api })).toEqual(first);
    expect(await find({ user, api: eu.api })).toMatchObject({ id: second.id });
    expect(await find({ user, api: au.api })).toEqual({});
    expect(await sdkFailure(own.findToken(token({ user })), [...secrets, user])).toMatch(/^E_AMBIGUOUS: .*API domain/);
    await at(au.api);
    expect(await own.getTokens()).toHaveLength(3);
  });

  test('a token that was stored before its data centre was known gets it, and no second record', async () => {
    const { own, saved } = await rig();
    const { api, ...unplaced } = ann as Required<Fields>;
    const { id } = await saved(unplaced);
    expect(await saved({ ...ann, grant: 'G2', refresh: 'R2', access: 'A2' })).toMatchObject({ id, api });
    expect(await own.getTokens()).toHaveLength(1);
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
    const { own } = await rig(fails);
    const calls = [
      () => own.findToken(token(ann)),
      () => own.findTokenById('1'),
      () => own.saveToken(token(ann)),
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
