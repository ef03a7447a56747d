import { describe, expect, test } from 'vitest';
import { zohoAddresses } from '../support/zoho/zoho-addresses.ts';
import { ZohoStandIn, type ZohoStandInOptions, zohoTestClient } from '../support/zoho/zoho-stand-in.ts';

/** A data centre with a clock that stands still, and a client that sends what it is told. */
function rig(options: ZohoStandInOptions = {}) {
  let time = Date.UTC(2026, 10, 23);
  const zoho = new ZohoStandIn(zohoAddresses('us'), { now: () => time, ...options });
  const { clientId: client_id, clientSecret: client_secret } = zohoTestClient;
  const post = async (
    path: string,
    fields: { readonly [name: string]: string },
    body = new URLSearchParams(fields),
  ) => {
    const response = await zoho.fetch(`${zoho.dataCenter.accounts}/oauth/v2/${path}`, { method: 'POST', body });
    return [response.status, await response.json()];
  };
  const token = (fields: object) => post('token', { client_id, client_secret, ...fields });
  return {
    zoho,
    post,
    token,
    pass: (ms: number) => {
      time += ms;
    },
    redeem: (code: string, more: object = {}) => token({ grant_type: 'authorization_code', code, ...more }),
    renew: (refresh_token: string) => token({ grant_type: 'refresh_token', refresh_token }),
    call: async (accessToken: string, scheme = 'Zoho-oauthtoken') => {
      const headers = { authorization: `${scheme} ${accessToken}` };
      const response = await zoho.fetch(`${zoho.dataCenter.api}/crm/v8/Leads`, { headers });
      return [response.status, await response.json()];
    },
  };
}

describe('The stand-in of Zoho', () => {
  test('redeems a grant token once, within three minutes, for a client it knows', async () => {
    const { zoho, redeem, pass } = rig();
    const grant = zoho.grant();
    expect(await redeem('1000.other')).toEqual([200, { error: 'invalid_code' }]);
    expect(await redeem(grant, { client_id: 'another' })).toEqual([200, { error: 'invalid_client' }]);
    expect(await redeem(grant, { client_secret: 'wrong' })).toEqual([200, { error: 'invalid_client_secret' }]);
    expect(await redeem(grant, { redirect_uri: 'https://evil.example' })).toEqual([
      200,
      { error: 'invalid_redirect_uri' },
    ]);
    expect(await redeem(grant)).toMatchObject([200, { token_type: 'Bearer', expires_in: 3600 }]);
    expect(await redeem(grant)).toEqual([200, { error: 'invalid_code' }]);
    const late = zoho.grant();
    pass(180_000);
    expect(await redeem(late)).toEqual([200, { error: 'invalid_code' }]);
  });

  test('takes a form of several parts, as the SDK sends it', async () => {
    const { zoho, post } = rig();
    const { clientId, clientSecret } = zohoTestClient;
    const form = new FormData();
    const fields = { client_id: clientId, client_secret: clientSecret, grant_type: 'authorization_code' };
    for (const [name, value] of Object.entries({ ...fields, code: zoho.grant() })) form.set(name, value);
    expect(await post('token', {}, form as never)).toMatchObject([200, { api_domain: zoho.dataCenter.api }]);
  });

  test('lets in whoever has a live access token, under the name that Zoho gave it', async () => {
    const { zoho, redeem, call, pass } = rig({ lifetime: 60 });
    const [, { access_token }] = await redeem(zoho.grant('ann'));
    expect(await call(access_token)).toMatchObject([200, { data: [{ Owner: { email: 'ann@example.com' } }] }]);
    const refused = [401, { code: 'INVALID_TOKEN', details: {}, message: 'invalid oauth token', status: 'error' }];
    expect(await call(access_token, 'Bearer')).toEqual(refused);
    pass(60_000);
    expect(await call(access_token)).toEqual(refused);
  });

  test('makes ten access tokens in ten minutes, and has fifteen live ones', async () => {
    const { zoho, redeem, renew, call, pass } = rig({ lifetime: 7200 });
    const [, { access_token, refresh_token }] = await redeem(zoho.grant());
    for (let count = 1; count <= 10; count++)
      expect(await renew(refresh_token)).toMatchObject([200, { expires_in: 7200 }]);
    expect(await renew(refresh_token)).toMatchObject([200, { error: 'Access Denied', status: 'failure' }]);
    pass(600_000);
    for (let count = 1; count <= 4; count++) await renew(refresh_token);
    expect(await call(access_token)).toMatchObject([200, {}]);
    await renew(refresh_token);
    expect(await call(access_token)).toMatchObject([401, {}]);
    expect(zoho.tokens.accessTokens('ann@example.com')).toHaveLength(15);
  });

  test('has twenty refresh tokens of a user for a client: one more ends the oldest, and its access tokens', async () => {
    const { zoho, redeem, renew, call } = rig();
    const [, oldest] = await redeem(zoho.grant());
    const [, others] = await redeem(zoho.grant('bob'));
    for (let count = 2; count <= 20; count++) await redeem(zoho.grant());
    expect(await renew(oldest.refresh_token)).toMatchObject([200, { expires_in: 3600 }]);
    await redeem(zoho.grant());
    expect(await renew(oldest.refresh_token)).toEqual([200, { error: 'invalid_code' }]);
    expect(await call(oldest.access_token)).toMatchObject([401, {}]);
    expect(await renew(others.refresh_token)).toMatchObject([200, { expires_in: 3600 }]);
    expect(zoho.tokens.refreshTokens('ann@example.com')).toHaveLength(20);
  });

  test('revokes a refresh token with its access tokens', async () => {
    const { zoho, redeem, renew, call, post } = rig();
    const [, { access_token, refresh_token }] = await redeem(zoho.grant());
    expect(await post('token/revoke', { token: refresh_token })).toEqual([200, { status: 'success' }]);
    expect(await post('token/revoke', { token: refresh_token })).toEqual([400, { status: 'failure' }]);
    expect(await renew(refresh_token)).toEqual([200, { error: 'invalid_code' }]);
    expect(await call(access_token)).toMatchObject([401, {}]);
  });

  test('shows the departures that real answers show', async () => {
    const { zoho, redeem, renew } = rig();
    const { quirks } = zoho;
    quirks.expiry = 'milliseconds';
    quirks.apiDomain = (grantType) => (grantType === 'refresh_token' ? undefined : 'https://www.zohoapis.other');
    const [, { refresh_token, ...answer }] = await redeem(zoho.grant());
    expect(answer).toMatchObject({
      expires_in: 3_600_000,
      expires_in_sec: 3600,
      api_domain: 'https://www.zohoapis.other',
    });
    quirks.expiry = 'absent';
    const [, renewed] = await renew(refresh_token);
    expect(renewed).not.toHaveProperty('expires_in');
    expect(renewed).not.toHaveProperty('api_domain');
    quirks.instead = () => Response.json('<html></html>', { status: 500 });
    expect(await renew(refresh_token)).toEqual([500, '<html></html>']);
  });
});
