import { describe, expect, test } from 'vitest';
import { type ZohoDataCenter, zohoDataCenters, zohoProvider } from '../../src/integrations/zoho/index.ts';
import { authorize, oauthRenewal } from '../../src/oauth/index.ts';

describe('The data centres of Zoho', () => {
  test('are where Zoho says that they are', () => {
    const addresses = Object.entries(zohoDataCenters).map(([name, { location, accounts, api }]) => {
      expect(location).toBe(name);
      return [accounts, api];
    });
    expect(addresses).toEqual([
      ['https://accounts.zoho.com', 'https://www.zohoapis.com'],
      ['https://accounts.zoho.eu', 'https://www.zohoapis.eu'],
      ['https://accounts.zoho.in', 'https://www.zohoapis.in'],
      ['https://accounts.zoho.com.cn', 'https://www.zohoapis.com.cn'],
      ['https://accounts.zoho.com.au', 'https://www.zohoapis.com.au'],
      ['https://accounts.zoho.jp', 'https://www.zohoapis.jp'],
      ['https://accounts.zohocloud.ca', 'https://www.zohoapis.ca'],
      ['https://accounts.zoho.sa', 'https://www.zohoapis.sa'],
      ['https://accounts.zoho.uk', 'https://www.zohoapis.uk'],
    ]);
  });

  test('have a sandbox and a developer environment beside their API', () => {
    for (const { api, sandbox, developer } of Object.values(zohoDataCenters)) {
      expect([sandbox, developer]).toEqual([api.replace('www', 'sandbox'), api.replace('www', 'developer')]);
    }
  });
});

describe('Zoho as a provider', () => {
  test('is plain data', () => {
    const accounts = 'https://accounts.zoho.eu';
    const provider = {
      issuer: accounts,
      authorizationEndpoint: `${accounts}/oauth/v2/auth`,
      tokenEndpoint: `${accounts}/oauth/v2/token`,
      revocationEndpoint: `${accounts}/oauth/v2/token/revoke`,
      clientAuthentication: 'client_secret_post',
      scopeSeparator: ',',
      authorizationParameters: { access_type: 'offline', prompt: 'consent' },
      tokenType: 'Zoho-oauthtoken',
      rotation: 'none',
      renewalIntervalMs: 60_000,
      apiOrigins: ['https://www.zohoapis.eu'],
      apiDomains: ['https://www.zohoapis.eu', 'https://sandbox.zohoapis.eu', 'https://developer.zohoapis.eu'],
    };
    expect(zohoProvider(zohoDataCenters.eu)).toEqual(provider);
    expect(JSON.parse(JSON.stringify(zohoProvider(zohoDataCenters.eu)))).toEqual(provider);
  });

  test.for(['sandbox', 'developer'] as const)('sends tokens of the %s environment to its API alone', (environment) => {
    const { apiOrigins, ...rest } = zohoProvider(zohoDataCenters.ca, { environment });
    expect(apiOrigins).toEqual([`https://${environment}.zohoapis.ca`]);
    expect(zohoProvider(zohoDataCenters.ca)).toMatchObject(rest);
  });

  test('asks for scopes separated by commas, and for a refresh token each time', async () => {
    const client = {
      provider: zohoProvider(zohoDataCenters.us),
      clientId: '1000.APP',
      redirectUrl: 'https://app.example/callback',
      scope: ['ZohoCRM.modules.ALL', 'ZohoCRM.org.READ'],
    };
    const { url } = await authorize(client);
    expect(url.origin + url.pathname).toBe('https://accounts.zoho.com/oauth/v2/auth');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      scope: 'ZohoCRM.modules.ALL,ZohoCRM.org.READ',
      access_type: 'offline',
      prompt: 'consent',
      code_challenge_method: 'S256',
    });
    expect(oauthRenewal(client)).toMatchObject({
      rotation: 'none',
      intervalMs: 60_000,
      allowedOrigins: ['https://www.zohoapis.com'],
    });
  });

  test('takes a data centre of somebody’s own, if its addresses are origins that are safe to send secrets to', () => {
    const own: ZohoDataCenter = {
      location: 'own',
      accounts: 'http://127.0.0.1:8080',
      api: 'http://127.0.0.1:8081',
      sandbox: 'http://127.0.0.1:8082',
      developer: 'http://127.0.0.1:8083',
    };
    expect(zohoProvider(own)).toMatchObject({ issuer: own.accounts, apiOrigins: [own.api] });
    const refused: [keyof ZohoDataCenter, string][] = [
      ['accounts', 'http://accounts.zoho.eu'],
      ['accounts', 'https://accounts.zoho.eu/'],
      ['accounts', 'accounts.zoho.eu'],
      ['api', 'http://www.zohoapis.eu'],
      ['api', 'https://www.zohoapis.eu/crm'],
      ['sandbox', 'https://sandbox.zohoapis.eu/'],
      ['developer', 'developer.zohoapis.eu'],
      ['api', 'https://user:password@www.zohoapis.eu'],
    ];
    for (const [name, address] of refused) {
      const failure = { code: 'E_CONFIG', message: expect.stringContaining(`dataCenter.${name}`) };
      expect(() => zohoProvider({ ...own, [name]: address })).toThrow(expect.objectContaining(failure));
    }
  });
});
