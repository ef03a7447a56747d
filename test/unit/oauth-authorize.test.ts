import { describe, expect, test } from 'vitest';
import { toBase64url } from '../../src/core/base64url.ts';
import { authorize, type OAuthClient, type Provider } from '../../src/oauth/index.ts';

const provider: Provider = {
  issuer: 'https://server.example',
  authorizationEndpoint: 'https://server.example/auth?tenant=1',
  tokenEndpoint: 'https://server.example/token',
};
const client: OAuthClient = {
  provider,
  clientId: 'the-client',
  redirectUrl: 'https://app.example/auth/callback',
  scope: ['openid', 'offline_access'],
};
const offline = {
  fetch: () => {
    throw new Error('no request is expected');
  },
};

describe('Authorize', () => {
  test('builds a request with PKCE, state and nonce, and asks nobody when the endpoints are given', async () => {
    const { url, transaction } = await authorize(client, offline);
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(transaction.codeVerifier));
    expect(url.origin + url.pathname).toBe('https://server.example/auth');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      tenant: '1',
      response_type: 'code',
      client_id: 'the-client',
      redirect_uri: 'https://app.example/auth/callback',
      scope: 'openid offline_access',
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: toBase64url(new Uint8Array(digest)),
      code_challenge_method: 'S256',
    });
    expect(transaction).toMatchObject({ issuer: 'https://server.example', redirectUrl: client.redirectUrl });
    expect(JSON.parse(JSON.stringify(transaction))).toEqual(transaction);
  });

  test('makes 256 random bits of state, nonce and verifier, new every time and each for itself', async () => {
    const all = await Promise.all([1, 2, 3].map(() => authorize(client, offline)));
    const values = all.flatMap(({ transaction: { state, nonce, codeVerifier } }) => [state, nonce, codeVerifier]);
    expect(new Set(values).size).toBe(9);
    for (const value of values) expect(value).toMatch(/^[\w-]{43}$/);
  });

  test('sends no nonce without the scope openid, and no scope when there is none', async () => {
    const { url, transaction } = await authorize({ ...client, scope: [] }, offline);
    expect(url.searchParams.has('scope')).toBe(false);
    expect(url.searchParams.has('nonce')).toBe(false);
    expect(Object.keys(transaction)).not.toContain('nonce');
  });

  test('separates scopes and adds parameters as the provider wants them', async () => {
    const zoho = {
      ...provider,
      scopeSeparator: ',',
      authorizationParameters: { access_type: 'offline', prompt: 'consent' },
    };
    const { url } = await authorize({ ...client, provider: zoho, scope: ['a.READ', 'b.ALL'] }, offline);
    expect(url.searchParams.get('scope')).toBe('a.READ,b.ALL');
    expect(url.searchParams.get('access_type')).toBe('offline');
    expect(url.searchParams.get('prompt')).toBe('consent');
  });

  test('asks for the API that the client names', async () => {
    const { url } = await authorize({ ...client, resource: 'https://api.example/v1?a=b' }, offline);
    expect(url.searchParams.getAll('resource')).toEqual(['https://api.example/v1?a=b']);
  });

  test.for(['', '/v1', 'api.example', 'https://api.example/#v1'])('refuses the API %j', async (resource) => {
    const failure = { code: 'E_CONFIG', message: expect.stringContaining('resource') };
    await expect(authorize({ ...client, resource }, offline)).rejects.toMatchObject(failure);
  });

  test('refuses a constant API, which the token would not know of', async () => {
    const fixed = { ...provider, authorizationParameters: { resource: 'https://api.example' } };
    const failure = { code: 'E_CONFIG', message: expect.stringContaining('resource of the client') };
    for (const one of [{}, { resource: 'https://api.example' }]) {
      await expect(authorize({ ...client, ...one, provider: fixed }, offline)).rejects.toMatchObject(failure);
    }
  });

  test.for(['state', 'code_challenge', 'redirect_uri', 'client_id', 'nonce', 'scope', 'response_type'])(
    'refuses a constant %s',
    async (name) => {
      const fixed = { ...provider, authorizationParameters: { [name]: 'x' } };
      const failure = { code: 'E_CONFIG', message: expect.stringContaining(name) };
      await expect(authorize({ ...client, provider: fixed }, offline)).rejects.toMatchObject(failure);
    },
  );

  test.for(['https://server.example', 'http://localhost:8080', 'http://127.0.0.1:1', 'http://[::1]:2'])(
    'accepts the issuer %s',
    async (issuer) => {
      const local = { issuer, authorizationEndpoint: `${issuer}/auth`, tokenEndpoint: `${issuer}/token` };
      const { url } = await authorize({ ...client, provider: local }, offline);
      expect(url.href.startsWith(`${issuer}/auth`)).toBe(true);
    },
  );

  test.for([
    'http://server.example',
    'http://localhost.server.example',
    'http://127.0.0.1.server.example',
    'http://127.0.0.2',
    'http://0.0.0.0',
    'https://user@server.example',
    'https://:password@server.example',
    'ftp://localhost',
    'javascript:alert(1)',
    'server.example',
    '',
  ])('refuses the issuer %j', async (issuer) => {
    await expect(authorize({ ...client, provider: { ...provider, issuer } }, offline)).rejects.toMatchObject({
      code: 'E_CONFIG',
      message: expect.stringContaining('provider.issuer'),
    });
  });

  test.for(['authorizationEndpoint', 'tokenEndpoint', 'revocationEndpoint'])('refuses an insecure %s', async (name) => {
    for (const address of ['http://server.example/x', 'http://localhost/x', 'javascript:alert(1)']) {
      await expect(authorize({ ...client, provider: { ...provider, [name]: address } }, offline)).rejects.toMatchObject(
        {
          code: 'E_CONFIG',
          message: expect.stringContaining(`provider.${name}`),
        },
      );
    }
  });

  test('names the setting that is missing', async () => {
    await expect(authorize({ ...client, clientId: '' }, offline)).rejects.toMatchObject({
      message: expect.stringContaining('clientId'),
    });
    await expect(authorize({ ...client, redirectUrl: '/callback' }, offline)).rejects.toMatchObject({
      code: 'E_CONFIG',
      message: expect.stringContaining('redirectUrl'),
    });
  });
});
