import { describe, expect, test } from 'vitest';
import { zohoClient, zohoDataCenters } from '../../src/integrations/zoho/index.ts';
import { expectCode } from '../support/expect-code.ts';
import { inPage, zohoRig } from '../support/zoho/zoho-rig.ts';
import { zohoTestClient } from '../support/zoho/zoho-stand-in.ts';

const hour = 3_600_000;

describe('A client of Zoho', () => {
  test('redeems a grant token, calls the API, renews in silence, and revokes', async () => {
    const rig = await zohoRig();
    const { us, store } = rig;
    const client = rig.client();
    const saved = await client.redeem(us.grant('ann'), { userName: 'ann' });
    expect(saved).toMatchObject({
      userName: 'ann',
      issuer: us.dataCenter.accounts,
      clientId: zohoTestClient.clientId,
      tokenType: 'Zoho-oauthtoken',
      apiDomain: us.dataCenter.api,
      expiresAt: rig.now() + hour,
    });
    const source = client.source({ userName: 'ann' });
    const leads = async () => (await source.fetch('/crm/v8/Leads?fields=Last_Name')).json();
    expect(await leads()).toMatchObject({ data: [{ Owner: { email: 'ann@example.com' } }] });
    rig.pass(hour);
    expect(await leads()).toMatchObject({ data: [{ Owner: { email: 'ann@example.com' } }] });
    expect(us.requests.at(-1)).toMatchObject({ path: '/crm/v8/Leads', query: '?fields=Last_Name' });
    expect(await store.findToken({ userName: 'ann' })).toMatchObject({ refreshToken: saved.refreshToken });
    expect(rig.tokenRequests()).toEqual(['us authorization_code', 'us refresh_token']);
    expect(await client.revoke({ userName: 'ann' })).toBe('revoked');
    expect(us.tokens.refreshTokens('ann@example.com')).toEqual([]);
    expect(await rig.stored()).toEqual([]);
    await expectCode('E_REAUTH', source.fetch('/crm/v8/Leads'));
  });

  test('is a self client where it has no redirect URL, and no secret of its own is needed for that', async () => {
    const registration = { clientId: '1000.SELF', ...(!inPage && { clientSecret: 'a secret of the console' }) };
    const rig = await zohoRig({ clients: [registration] });
    const client = rig.client({ ...registration, redirectUrl: '', scope: [] });
    const saved = await client.redeem(rig.us.grant(), { userName: 'ann' });
    expect(rig.us.requests[0]?.form).not.toHaveProperty('redirect_uri');
    expect(saved).not.toHaveProperty('redirectUrl');
    expect(saved.scope).toBe('ZohoCRM.modules.ALL ZohoCRM.users.READ ZohoCRM.org.READ');
    await expectCode('E_CONFIG', client.authorize());
    await expectCode('E_CONFIG', rig.client({ ...registration, redirectUrl: '' }).authorize());
    await expectCode('E_CONFIG', rig.client({ scope: [] }).authorize());
  });

  test('names its user as the SDKs do, when it is told to find out', async () => {
    const rig = await zohoRig();
    const client = rig.client({ findUser: true });
    expect(await client.redeem(rig.us.grant('ann'))).toMatchObject({ userName: 'ann@example.com:60001' });
    expect(rig.us.requests.map(({ path, query }) => path + query).slice(1)).toEqual([
      '/crm/v8/users?type=CurrentUser',
      '/crm/v8/org',
    ]);
    expect(await client.redeem(rig.us.grant('bob'), { userName: 'bob' })).toMatchObject({ userName: 'bob' });
    expect(rig.us.requests).toHaveLength(4);
    const nameless = await rig.client().redeem(rig.us.grant('carol'));
    expect(nameless.userName).toBeUndefined();
    expect((await rig.client().source({ id: nameless.id }).getToken()).accessToken).toBe(nameless.accessToken);
  });

  test.for([
    ['E_CONFIG', 401],
    ['E_CONFIG', 200],
    ['E_CONFIG', 204],
    ['E_NETWORK', 500],
    ['E_NETWORK', 'down'],
  ] as const)(
    'stores nothing, and revokes, when nobody can tell whose token it is: %s after %s',
    async ([code, answer]) => {
      const rig = await zohoRig();
      const redirects: string[] = [];
      const fetch: typeof globalThis.fetch = async (input, init) => {
        const request = new Request(input, init);
        if (!request.url.startsWith(rig.us.dataCenter.api)) return rig.fetch(request);
        redirects.push(request.redirect);
        if (answer === 'down') throw new TypeError('fetch failed');
        if (answer === 200) return Response.json({ users: [{ email: '' }], org: [{ zgid: '60001' }] });
        return new Response(null, { status: answer });
      };
      const client = rig.client({ findUser: true, fetch });
      await expectCode(code, client.redeem(rig.us.grant('ann')));
      expect(redirects[0]).toBe('manual');
      expect(await rig.stored()).toEqual([]);
      expect(rig.us.tokens.refreshTokens('ann@example.com')).toEqual([]);
    },
  );

  test('sends a path, and an address of the token’s API, and nothing to anybody else', async () => {
    const rig = await zohoRig();
    const { us, eu } = rig;
    const client = rig.client();
    await client.redeem(us.grant('ann'), { userName: 'ann' });
    const source = client.source({ userName: 'ann' });
    for (const target of ['/crm/v8/Leads', 'crm/v8/Leads', `${us.dataCenter.api}/crm/v8/Leads`]) {
      expect((await source.fetch(target)).status).toBe(200);
    }
    expect((await source.fetch(new URL('/crm/v8/Leads', us.dataCenter.api))).status).toBe(200);
    expect((await source.fetch(new Request(`${us.dataCenter.api}/crm/v8/Leads`))).status).toBe(200);
    const body = JSON.stringify({ data: [{ Last_Name: 'Doe' }] });
    expect((await source.fetch('/crm/v8/Leads', { method: 'POST', body })).status).toBe(200);
    const before = us.requests.length;
    for (const target of [
      '//evil.example/crm/v8/Leads',
      '/\\evil.example/crm/v8/Leads',
      'https://evil.example/crm/v8/Leads',
      `${eu.dataCenter.api}/crm/v8/Leads`,
      us.dataCenter.accounts,
    ]) {
      await expectCode('E_CONFIG', source.fetch(target));
    }
    expect([us.requests.length, eu.requests.length]).toEqual([before, 0]);
    const ended = AbortSignal.abort();
    await expect(source.fetch('/crm/v8/Leads', { signal: ended })).rejects.toBe(ended.reason);
  });

  test('waits no longer than its caller does', async () => {
    const rig = await zohoRig();
    await rig.client().redeem(rig.us.grant(), { userName: 'ann' });
    rig.pass(hour);
    const caller = new AbortController();
    const renewed = Promise.withResolvers<Response>();
    const fetch: typeof globalThis.fetch = async () => {
      caller.abort();
      return renewed.promise;
    };
    const source = rig.client({ fetch }).source({ userName: 'ann' });
    const called = source.fetch('/crm/v8/Leads', { signal: caller.signal });
    await expect(called).rejects.toMatchObject({ name: 'AbortError' });
    renewed.resolve(Response.json({ error: 'invalid_client' }));
  });

  test('keeps the API that a token has when a renewal names none', async () => {
    const rig = await zohoRig();
    rig.us.quirks.apiDomain = (grantType) => (grantType === 'refresh_token' ? undefined : rig.us.dataCenter.api);
    const client = rig.client();
    await client.redeem(rig.us.grant(), { userName: 'ann' });
    rig.pass(hour);
    expect(await client.source({ userName: 'ann' }).getToken()).toMatchObject({ outcome: 'refreshed' });
    expect(await rig.stored()).toMatchObject([{ apiDomain: rig.us.dataCenter.api }]);
  });

  test('sends a token without an API of its own to that of the environment it is made for', async () => {
    const rig = await zohoRig();
    rig.us.quirks.apiDomain = () => undefined;
    const client = rig.client({ environment: 'sandbox' });
    const saved = await client.redeem(rig.us.grant(), { userName: 'ann' });
    expect(saved.apiDomain).toBeUndefined();
    const seen: string[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      seen.push(request.url);
      return rig.fetch(request);
    };
    await rig.client({ environment: 'sandbox', fetch }).source({ userName: 'ann' }).fetch('/crm/v8/Leads');
    expect(seen).toEqual([`${rig.us.dataCenter.sandbox}/crm/v8/Leads`]);
  });

  test('sends a token to the API that it names, and to no other', async () => {
    const rig = await zohoRig();
    const { us } = rig;
    us.quirks.apiDomain = () => us.dataCenter.sandbox;
    const client = rig.client();
    await client.redeem(us.grant(), { userName: 'ann' });
    const { fetch } = client.source({ userName: 'ann' });
    await fetch(`${us.dataCenter.sandbox}/crm/v8/Leads`);
    const before = us.requests.length;
    for (const api of [us.dataCenter.api, us.dataCenter.developer, 'https://elsewhere.example']) {
      for (const input of [`${api}/crm`, new URL(`${api}/crm`), new Request(`${api}/crm`)]) {
        expect((await expectCode('E_CONFIG', fetch(input))).message).toContain('give fetch a path');
      }
    }
    expect(us.requests).toHaveLength(before);
  });

  test('sends every token to the environment that was chosen, and to no other', async () => {
    const rig = await zohoRig();
    const { us } = rig;
    await rig.client({ environment: 'sandbox' }).redeem(us.grant(), { userName: 'ann' });
    const seen: string[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      seen.push(request.url);
      return rig.fetch(request);
    };
    const source = rig.client({ environment: 'sandbox', fetch }).source({ userName: 'ann' });
    await source.fetch('/crm/v8/Leads');
    await expectCode('E_CONFIG', source.fetch(`${us.dataCenter.api}/crm/v8/Leads`));
    expect(seen).toEqual([`${us.dataCenter.sandbox}/crm/v8/Leads`]);
  });

  test('refuses a token that names the API of another data centre, when it comes and when it is stored', async () => {
    const rig = await zohoRig();
    const { us } = rig;
    us.quirks.apiDomain = () => 'https://www.zohoapis.eu';
    await expectCode('E_OAUTH', rig.client().redeem(us.grant(), { userName: 'ann' }));
    expect(await rig.stored()).toEqual([]);
    us.quirks.apiDomain = () => us.dataCenter.api;
    const { id } = await rig.client().redeem(us.grant(), { userName: 'ann' });
    await rig.store.saveToken({ id, apiDomain: 'https://www.zohoapis.eu' });
    const before = us.requests.length;
    for (const environment of [undefined, 'production' as const]) {
      const client = rig.client(environment === undefined ? {} : { environment });
      await expectCode('E_CONFIG', client.source({ userName: 'ann' }).fetch('/crm/v8/Leads'));
    }
    expect(us.requests).toHaveLength(before);
  });

  test('touches no token of another client or data centre', async () => {
    const rig = await zohoRig();
    const token = { userName: 'ann', accessToken: 'at', refreshToken: 'rt', issuer: rig.us.dataCenter.accounts };
    const others = await rig.store.saveToken({ ...token, clientId: 'another' });
    const elsewhere = await rig.store.saveToken({
      ...token,
      refreshToken: 'rt 2',
      clientId: zohoTestClient.clientId,
      issuer: 'https://accounts.elsewhere.example',
    });
    const client = rig.client();
    for (const { id } of [others, elsewhere]) {
      await expectCode('E_CONFIG', client.source({ id }).getToken());
      await expectCode('E_CONFIG', client.source({ id }).fetch('/crm/v8/Leads'));
      await expectCode('E_CONFIG', client.revoke({ id }));
    }
    expect(await client.revoke({ userName: 'ann', issuer: rig.us.dataCenter.accounts })).toBe('absent');
    expect(await rig.stored()).toHaveLength(2);
    expect(rig.us.requests).toEqual([]);
  });

  test('takes a token that does not say where it came from for one of its own data centre', async () => {
    const rig = await zohoRig();
    const { refreshToken = '' } = await rig.client().redeem(rig.us.grant(), { userName: 'ann' });
    await rig.store.deleteTokens();
    await rig.store.saveToken({ userName: 'ann', clientId: zohoTestClient.clientId, refreshToken });
    expect((await rig.client().source({ userName: 'ann' }).fetch('/crm/v8/Leads')).status).toBe(200);
  });

  test('signs a user in over a token that does not say where it came from, and over none that does', async () => {
    const rig = await zohoRig();
    const [client, { clientId }] = [rig.client(), zohoTestClient];
    const unplaced = await rig.store.saveToken({ userName: 'ann', clientId, refreshToken: 'rt', accessToken: 'at' });
    expect(await client.redeem(rig.us.grant(), { userName: 'ann' })).toMatchObject({ id: unplaced.id });
    expect(rig.us.requests.at(-1)).toMatchObject({ path: '/oauth/v2/token/revoke', form: { token: 'rt' } });
    expect(await rig.stored()).toMatchObject([{ issuer: rig.us.dataCenter.accounts }]);
    await rig.store.deleteTokens();
    for (const issuer of [rig.eu.dataCenter.accounts, 'https://accounts.elsewhere.example']) {
      const others = await rig.store.saveToken({ userName: 'ann', clientId, issuer, refreshToken: issuer });
      const { id, refreshToken = '' } = await client.redeem(rig.us.grant(), { userName: 'ann' });
      expect(await rig.store.findTokenById(others.id)).toEqual(others);
      await rig.store.deleteToken(id);
      rig.us.tokens.revoke(refreshToken);
    }
    expect(await rig.stored()).toHaveLength(2);
  });

  test('tells at once what is wrong with its settings', async () => {
    const { store, us, registration } = await zohoRig();
    const settings = { store, dataCenter: us.dataCenter, ...registration };
    for (const wrong of [
      { dataCenter: zohoDataCenters['europe' as 'eu'] },
      { dataCenter: { ...us.dataCenter, accounts: 'http://accounts.zoho.eu' } },
      { dataCenters: [{ ...us.dataCenter, accounts: 'https://other.example', api: 'http://www.zohoapis.eu' }] },
      { waitMs: -1 },
    ]) {
      expect(() => zohoClient({ ...settings, ...wrong })).toThrow(expect.objectContaining({ code: 'E_CONFIG' }));
    }
  });
});

if (inPage) {
  test('A client of Zoho refuses a client secret in a page', async () => {
    const rig = await zohoRig();
    for (const clientSecret of ['secret', { us: 'secret' }]) {
      const failure = { code: 'E_CONFIG', message: expect.stringContaining('clientSecret') };
      expect(() => rig.client({ clientSecret })).toThrow(expect.objectContaining(failure));
    }
  });
}
