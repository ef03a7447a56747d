import { describe, expect, test } from 'vitest';
import { zohoDataCenters } from '../../src/integrations/zoho/index.ts';
import { expectCode } from '../support/expect-code.ts';
import { inPage, type ZohoRig, zohoRig } from '../support/zoho/zoho-rig.ts';

const hour = 3_600_000;

/** A sign-in of ann, whose account is in Europe, that began in America. */
async function signIn(rig: ZohoRig) {
  const client = rig.client();
  const { url, transaction } = await client.authorize();
  return { client, transaction, callback: rig.us.authorize(url, 'ann', rig.eu) };
}

describe('A sign-in at Zoho', () => {
  test('is completed where it began, when the user’s account is there', async () => {
    const rig = await zohoRig();
    const client = rig.client();
    const { url, transaction } = await client.authorize();
    const saved = await client.complete(transaction, rig.us.authorize(url), { userName: 'ann' });
    expect(saved).toMatchObject({ userName: 'ann', issuer: rig.us.dataCenter.accounts });
    expect(rig.us.requests.map(({ path, query }) => path + query)).toEqual(['/oauth/v2/token']);
  });

  test('is completed at the data centre of the user’s account, and stays there', async () => {
    const rig = await zohoRig();
    const { client, transaction, callback } = await signIn(rig);
    const { eu } = rig;
    const saved = await client.complete(transaction, callback, { userName: 'ann' });
    expect(saved).toMatchObject({ issuer: eu.dataCenter.accounts, apiDomain: eu.dataCenter.api });
    rig.pass(hour);
    expect((await client.source({ userName: 'ann' }).fetch('/crm/v8/Leads')).status).toBe(200);
    expect(await client.revoke({ userName: 'ann' })).toBe('revoked');
    expect(rig.tokenRequests()).toEqual(['eu authorization_code', 'eu refresh_token', 'eu /oauth/v2/token/revoke']);
    expect(rig.us.requests).toEqual([]);
  });

  test('is ended there, too, when its token is deleted while it is renewed', async () => {
    const rig = await zohoRig();
    const { client, transaction, callback } = await signIn(rig);
    const { id } = await client.complete(transaction, callback, { userName: 'ann' });
    rig.pass(hour);
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const answer = await rig.fetch(input, init);
      await rig.store.deleteToken(id);
      return answer;
    };
    await expectCode('E_REAUTH', rig.client({ fetch }).source({ userName: 'ann' }).getToken());
    expect(rig.tokenRequests().slice(1)).toEqual(['eu refresh_token', 'eu /oauth/v2/token/revoke']);
    expect(rig.eu.tokens.refreshTokens('ann@example.com')).toEqual([]);
  });

  test('is completed where it began, when the callback names no data centre', async () => {
    const rig = await zohoRig();
    const client = rig.client();
    const { url, transaction } = await client.authorize();
    const callback = rig.us.authorize(url);
    callback.searchParams.delete('location');
    callback.searchParams.delete('accounts-server');
    const saved = await client.complete(transaction, callback, { userName: 'ann' });
    expect(saved.issuer).toBe(rig.us.dataCenter.accounts);
  });

  const evil = 'https://accounts.evil.example';
  test.for<[string, { readonly [name: string]: string | null }]>([
    ['a server that nobody knows', { 'accounts-server': evil }],
    ['a location that nobody knows', { location: 'evil' }],
    ['a location and a server that nobody knows', { location: 'evil', 'accounts-server': evil }],
    ['the server of one and the location of another', { location: 'us' }],
    ['a location alone', { 'accounts-server': null }],
    ['a server alone', { location: null }],
    ['an unknown server alone', { location: null, 'accounts-server': evil }],
    ['an empty server', { 'accounts-server': '' }],
    ['a server with a path', { 'accounts-server': 'https://accounts.eu.example/' }],
    ['a server that begins alike', { 'accounts-server': 'https://accounts.eu.example.evil.example' }],
    ['a server without TLS', { 'accounts-server': 'http://accounts.eu.example' }],
    ['a location in capitals', { location: 'EU' }],
    ['the accounts server as an issuer that it is not', { iss: evil }],
  ])('is refused, and nothing is sent, when the callback names %s', async ([, changes]) => {
    const rig = await zohoRig();
    const { client, transaction, callback } = await signIn(rig);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) callback.searchParams.delete(name);
      else callback.searchParams.set(name, value);
    }
    await expectCode('E_CALLBACK', client.complete(transaction, callback, { userName: 'ann' }));
    expect([...rig.us.requests, ...rig.eu.requests]).toEqual([]);
    expect(await rig.stored()).toEqual([]);
  });

  test('is refused when the callback names two data centres', async () => {
    const rig = await zohoRig();
    for (const [name, value] of [
      ['location', 'us'],
      ['accounts-server', rig.us.dataCenter.accounts],
      ['accounts-server', evil],
    ] as const) {
      const { client, transaction, callback } = await signIn(rig);
      callback.searchParams.append(name, value);
      await expectCode('E_CALLBACK', client.complete(transaction, callback));
    }
    expect([...rig.us.requests, ...rig.eu.requests]).toEqual([]);
  });

  test('is refused for another state, whatever else the callback says', async () => {
    const rig = await zohoRig();
    const { client, transaction, callback } = await signIn(rig);
    const other = new URL(callback);
    other.searchParams.set('state', 'another');
    const failure = await expectCode('E_CALLBACK', client.complete(transaction, other));
    other.searchParams.set('accounts-server', evil);
    expect(await expectCode('E_CALLBACK', client.complete(transaction, other))).toMatchObject({
      message: failure.message,
    });
    const elsewhere = { ...transaction, issuer: rig.eu.dataCenter.accounts };
    await expectCode('E_CALLBACK', client.complete(elsewhere, callback));
    expect([...rig.us.requests, ...rig.eu.requests]).toEqual([]);
  });

  test('is over when the user refuses', async () => {
    const rig = await zohoRig();
    const { client, transaction, callback } = await signIn(rig);
    callback.searchParams.delete('code');
    callback.searchParams.set('error', 'access_denied');
    expect(await expectCode('E_CALLBACK', client.complete(transaction, callback))).toMatchObject({
      oauthError: 'access_denied',
    });
    expect([...rig.us.requests, ...rig.eu.requests]).toEqual([]);
  });

  test('lets users of all data centres of Zoho in, and beside one of somebody’s own of no other', async () => {
    const rig = await zohoRig();
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      asked.push(new Request(input, init).url);
      return Response.json({ error: 'invalid_code' });
    };
    const dataCentersOf = (dataCenter: typeof zohoDataCenters.us) => {
      const { dataCenters: _, ...settings } = { dataCenters: [], dataCenter, fetch, ...rig.registration };
      return rig.client({ ...settings, dataCenters: undefined } as object);
    };
    for (const [dataCenter, code] of [
      [zohoDataCenters.us, 'E_OAUTH'],
      [rig.us.dataCenter, 'E_CALLBACK'],
    ] as const) {
      const client = dataCentersOf(dataCenter);
      const { transaction } = await client.authorize();
      for (const { location, accounts } of Object.values(zohoDataCenters)) {
        const callback = new URL('https://app.example/callback');
        const parameters = { code: 'code', state: transaction.state, location, 'accounts-server': accounts };
        for (const [name, value] of Object.entries(parameters)) callback.searchParams.set(name, value);
        await expectCode(code, client.complete(transaction, callback));
      }
    }
    expect(asked).toEqual(Object.values(zohoDataCenters).map(({ accounts }) => `${accounts}/oauth/v2/token`));
  });

  // in a page a client has no secret at all
  if (inPage) return;

  test('sends each data centre the secret that the client has there', async () => {
    const rig = await zohoRig();
    const { clientId, redirectUrl } = rig.registration;
    const secrets = { us: 'the American secret', eu: rig.registration.clientSecret as string };
    const { transaction, callback } = await signIn(rig);
    await rig.client({ clientId, clientSecret: secrets }).complete(transaction, callback);
    expect(rig.eu.requests[0]?.form).toMatchObject({ client_secret: secrets.eu, redirect_uri: redirectUrl });
    const again = await signIn(rig);
    const without = rig.client({ clientSecret: { us: secrets.us } });
    await expectCode('E_CONFIG', without.complete(again.transaction, again.callback));
    expect(rig.eu.requests).toHaveLength(1);
  });
});
