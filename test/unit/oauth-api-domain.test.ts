import { describe, expect, test } from 'vitest';
import { exchange, redeemGrant, refresh } from '../../src/oauth/index.ts';
import { answer, answering, issuer, page, provider } from './oauth-server.ts';

const apiDomains = ['https://www.api.example', 'https://api.example:8443/base'];
const client = { ...page, scope: [], provider: { ...provider, apiDomains } };
const transaction = { state: 's', codeVerifier: 'v'.repeat(43), issuer, redirectUrl: page.redirectUrl };
const callback = new URL(`${page.redirectUrl}?code=c&state=s`);

/** The three ways to a token, with an answer that names this address. */
const obtain = (api_domain: unknown, settings: object = {}) => {
  const { options } = answering({ ...answer, api_domain });
  const asked = { ...client, provider: { ...client.provider, ...settings } };
  return [
    () => exchange(asked, transaction, callback, options),
    () => redeemGrant(asked, 'grant', options),
    () => refresh(asked, { refreshToken: 'rt' }, options),
  ];
};

describe('The API that an answer names', () => {
  test('is taken when the provider lists it', async () => {
    for (const listed of apiDomains) {
      for (const token of obtain(listed)) expect(await token()).toMatchObject({ apiDomain: listed });
    }
  });

  test.for([
    'https://evil.example',
    'https://www.api.example/',
    'https://www.api.example.evil.example',
    'http://www.api.example',
    'https://api.example:8443',
    'HTTPS://WWW.API.EXAMPLE',
    7,
    ['https://www.api.example'],
  ])('refuses the whole answer when the provider does not list it: %j', async (named) => {
    const failure = { code: 'E_OAUTH', oauthError: 'server_error', inDoubt: true };
    for (const token of obtain(named)) await expect(token()).rejects.toMatchObject(failure);
  });

  test('may be left out', async () => {
    for (const absent of [undefined, null, '']) {
      for (const token of obtain(absent)) expect(await token()).not.toHaveProperty('apiDomain');
    }
  });

  test('is any where the provider lists none', async () => {
    for (const token of obtain('https://any.example', { apiDomains: undefined })) {
      expect(await token()).toMatchObject({ apiDomain: 'https://any.example' });
    }
    for (const token of obtain('https://any.example', { apiDomains: [] })) {
      await expect(token()).rejects.toMatchObject({ code: 'E_OAUTH' });
    }
  });
});
