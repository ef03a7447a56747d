import * as sdk from '@zohocrm/typescript-sdk-8.0';
import { describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { findTraces } from '../support/find-traces.ts';
import { refreshTokenOf } from '../support/zoho-sdk/refresh-token-of.ts';
import { sdkFailure } from '../support/zoho-sdk/sdk-failure.ts';
import { sdkRig } from '../support/zoho-sdk/sdk-rig.ts';

const hour = 3_600_000;
const ann = 'ann@example.com:60001';

const broken = () => new TokenkeepError('E_STORAGE', 'the database failed; try again');

/** A backend whose next writes fail. */
function breakable(failure = broken()) {
  const backend = memoryBackend();
  const state = { failures: 0, written: 0 };
  const put: RecordBackend['put'] = async (...args) => {
    if (state.failures > 0) {
      state.failures--;
      throw failure;
    }
    state.written++;
    return backend.put(...args);
  };
  return { state, backend: { ...backend, put } };
}

describe('what the SDK asks Zoho for', () => {
  test('S5c: nothing, for an id that nobody has', async () => {
    const { zoho, initialize, store, sent } = await sdkRig();
    expect(await sdkFailure(initialize({ id: '999' }))).toMatch(/^E_REAUTH: there is no token with this id/);
    expect(sent()).toEqual([]);
    expect(await store.getTokens()).toEqual([]);
    expect(zoho.tokens.secrets.size).toBe(0);
  });

  test('S8d: nothing, for an access token that has expired and that nothing renews', async () => {
    const { zoho, initialize, store, pass, sent, call, restart } = await sdkRig();
    const refresh = await refreshTokenOf(zoho);
    const { accessToken } = zoho.tokens.renew(refresh, zoho.client.clientId, hour) as { accessToken: string };
    const { id } = await store.saveToken({ userName: ann, accessToken, expiresAt: Date.now() + hour });
    await initialize({ user: ann });
    expect(await call()).toBe(200);
    pass(hour - 4000);
    sent();
    expect(await sdkFailure(call())).toMatch(/^E_REAUTH: .*sign in/);
    restart();
    // the grant that it was made of is spent
    await store.saveToken({ id, grantToken: 'spent grant' });
    for (const start of [{ id }, { user: ann }, { access: accessToken }]) {
      expect(await sdkFailure(initialize(start))).toMatch(/^E_REAUTH: .*sign in/);
    }
    expect(sent()).toEqual([]);
  });

  test('nothing, with a client or a secret that nobody stored, until it is told them', async () => {
    const { zoho, initialize, store, pass, sent, call, restart } = await sdkRig();
    const refreshToken = await refreshTokenOf(zoho);
    const { clientId } = zoho.client;
    await store.saveToken({ userName: ann, clientId, refreshToken });
    const clientSecret = zoho.client.clientSecret as string;
    await store.saveToken({ userName: 'bob', clientSecret, refreshToken: 'refresh token of bob' });
    for (const user of [ann, 'bob']) {
      expect(await sdkFailure(initialize({ user }), [clientSecret])).toMatch(/^E_CONFIG: .*client secret/);
    }
    expect(sent()).toEqual([]);
    restart();
    await initialize({ user: ann, refresh: refreshToken });
    pass(hour);
    expect(await call()).toBe(200);
    expect(sent()).toEqual(['refresh', 'refresh', '/crm/v8/org']);
  });

  test('nothing, once Zoho has refused the refresh token', async () => {
    const { zoho, initialize, store, sent } = await sdkRig();
    const [reauthRequired, refreshToken] = [{ reason: 'refused', at: 1 } as const, await refreshTokenOf(zoho)];
    const { clientId, clientSecret } = zoho.client as { clientId: string; clientSecret: string };
    await store.saveToken({ userName: ann, clientId, clientSecret, refreshToken, reauthRequired });
    expect(await sdkFailure(initialize({ user: ann }))).toMatch(/^E_REAUTH: /);
    expect(sent()).toEqual([]);
  });

  test('S10: a renewal an hour later, where the answer did not say how long the token lives', async () => {
    const { zoho, initialize, pass, call, sent } = await sdkRig();
    zoho.quirks.expiry = 'absent';
    await initialize({ grant: zoho.grant(), findUser: false });
    expect(await call()).toBe(200);
    pass(hour);
    expect(await call()).toBe(200);
    expect(sent()).toEqual(['code', '/crm/v8/org', 'refresh', '/crm/v8/org']);
  });

  test('S10: an error that Zoho answers is stored by nobody', async () => {
    const { zoho, initialize, store, restart } = await sdkRig();
    for (const body of ['{"error":"invalid_code"}', '{}', '<html>']) {
      zoho.quirks.instead = () => new Response(body);
      await expect(initialize({ grant: 'spent-grant' })).rejects.toBeInstanceOf(sdk.SDKException);
      restart();
    }
    expect(await store.getTokens()).toEqual([]);
  });

  test('S15: the API that an answer named, and never one that is no data centre’s', async () => {
    const { zoho, initialize, store, call, pass } = await sdkRig();
    zoho.quirks.apiDomain = () => 'https://evil.example';
    await initialize({ grant: zoho.grant(), findUser: false });
    pass(hour);
    expect(await call()).toBe(200);
    const [stored] = await store.getTokens();
    expect(stored).not.toHaveProperty('apiDomain');
    expect(stored).not.toHaveProperty('issuer');
  });
});

describe('a failure of the database', () => {
  test('S11: that passes costs no grant, and no renewal', async () => {
    const { state, backend } = breakable();
    const { zoho, initialize, store, call, pass, sent } = await sdkRig({ backend });
    state.failures = 1;
    await initialize({ grant: zoho.grant(), findUser: false });
    pass(hour);
    state.failures = 1;
    expect(await call()).toBe(200);
    expect(state.failures).toBe(0);
    expect(await store.getTokens()).toMatchObject([{ revision: 2, expiresAt: Date.now() + hour }]);
    expect(sent()).toEqual(['code', 'refresh', '/crm/v8/org']);
  });

  test('that lets nothing be written leaves what can be read', async () => {
    const { state, backend } = breakable();
    const { zoho, initialize, call, store, restart } = await sdkRig({ backend });
    const { clientId } = zoho.client;
    const refreshToken = await refreshTokenOf(zoho);
    const { accessToken } = zoho.tokens.renew(refreshToken, clientId, hour) as { accessToken: string };
    await store.saveToken({ userName: 'ann', clientId, refreshToken, accessToken, expiresAt: Date.now() + hour });
    state.failures = Number.POSITIVE_INFINITY;
    restart();
    await initialize({ refresh: refreshToken, user: 'ann' });
    expect(await call()).toBe(200);
  });

  test('S11, S11b: that lasts is told, and the same object is saved before anything else when it is over', async () => {
    const full = new TokenkeepError('E_QUOTA', 'the database is full; make room and try again');
    const { state, backend } = breakable(full);
    const { zoho, initialize, store, token, call, sent, log, recorded } = await sdkRig({ backend });
    const started = token({ grant: zoho.grant(), findUser: false });
    state.failures = 1;
    const failure: unknown = await initialize(started).catch((error: unknown) => error);
    expect(String(failure)).toContain('TOKEN_STORE - E_QUOTA: the database is full; make room and try again');
    expect(findTraces(Buffer.from(`${failure}${log()}`), [...zoho.tokens.secrets])).toEqual([]);
    expect(await store.getTokens()).toEqual([]);
    await initialize(started);
    await recorded.findToken(started);
    expect(state.written).toBe(1);
    expect(await call()).toBe(200);
    expect(sent()).toEqual(['code', '/crm/v8/org']);
    expect(await store.getTokens()).toMatchObject([{ id: started.getId(), refreshToken: started.getRefreshToken() }]);
  });

  test('S11c, FS13: a read that fails is a failure, and no grant is spent on it', async () => {
    const memory = memoryBackend();
    const { zoho, initialize, sent } = await sdkRig({ backend: { ...memory, find: () => Promise.reject(broken()) } });
    const grant = zoho.grant();
    expect(await sdkFailure(initialize({ grant }), [grant])).toBe('E_STORAGE: the database failed; try again');
    expect(sent()).toEqual([]);
  });
});

describe('two at once', () => {
  /** A user that signed in an hour ago, and somebody who is about to renew the token. */
  async function renewing() {
    const rig = await sdkRig();
    const first = await rig.initialize({ grant: rig.zoho.grant(), user: 'ann' });
    const id = first.getId() as string;
    rig.pass(hour);
    const late = rig.own();
    const token = await late.findTokenById(id);
    rig.restart();
    rig.sent();
    const save = (): Promise<void> => {
      token.setAccessToken('access token of a late renewal');
      return late.saveToken(token);
    };
    return { ...rig, id, token, save };
  }

  test('a renewal that ends after a new sign-in does not undo it, and goes on with it', async () => {
    const { zoho, initialize, store, token, save } = await renewing();
    const grant = zoho.grant();
    const again = await initialize({ grant, user: 'ann' });
    await save();
    expect(token.getAccessToken()).toBe(again.getAccessToken());
    expect(token.getRefreshToken()).toBe(again.getRefreshToken());
    expect(await store.getTokens()).toMatchObject([{ grantToken: grant, refreshToken: again.getRefreshToken() }]);
  });

  test('a renewal does not bring back a token that was deleted meanwhile', async () => {
    const { store, id, save } = await renewing();
    await store.deleteToken(id);
    expect(await sdkFailure(save())).toMatch(/^E_REAUTH: .*deleted/);
    expect(await store.getTokens()).toEqual([]);
  });

  test('a renewal is kept although its user, whose name the SDK learns late, has another record', async () => {
    const { initialize, zoho, store, own } = await renewing();
    const bare = await initialize({ refresh: await refreshTokenOf(zoho), findUser: false });
    const late = own();
    const renewed = await late.findTokenById(bare.getId() as string);
    renewed.setAccessToken('access token of a renewal');
    renewed.setUserSignature(new sdk.UserSignature('ann'));
    await late.saveToken(renewed);
    const [one, other] = await Promise.all([
      store.findToken({ userName: 'ann' }),
      store.findTokenById(bare.getId() as string),
    ]);
    expect(other?.accessToken).toBe('access token of a renewal');
    expect(one?.id).not.toBe(other?.id);
  });

  test('ten renewals of one token are all saved, in some order', async () => {
    const { store, own, id } = await renewing();
    const late = own();
    const tokens = await Promise.all(Array.from({ length: 10 }, () => late.findTokenById(id)));
    for (const [n, one] of tokens.entries()) one.setAccessToken(`access token ${n}`);
    await Promise.all(tokens.map((one) => late.saveToken(one)));
    expect(await store.findTokenById(id)).toMatchObject({ revision: 11 });
  });
});

test('S16: revoke() of the SDK, which asks for nothing and waits for nothing, does no harm', async () => {
  const { zoho, initialize, store, sent } = await sdkRig();
  const token = await initialize({ grant: zoho.grant() });
  sent();
  expect(await token.revoke(token.getId() as string)).toBe(false);
  expect(await token.revoke('nobody')).toBe(false);
  expect(sent()).toEqual([]);
  expect(await store.getTokens()).toHaveLength(1);
});
