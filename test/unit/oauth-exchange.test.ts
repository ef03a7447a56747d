import { describe, expect, test } from 'vitest';
import { authorize, exchange, type Transaction } from '../../src/oauth/index.ts';
import { answer, answering, idToken, issuer, now, page, provider } from './oauth-server.ts';

function callback(transaction: Transaction, more: { [name: string]: string } = {}): URL {
  return new URL(`${page.redirectUrl}?${new URLSearchParams({ code: 'the code', state: transaction.state, ...more })}`);
}

describe('Exchange', () => {
  test('redeems the code of a public client and resolves with all there is to save', async () => {
    const { transaction } = await authorize(page);
    const { requests, options } = answering({
      ...answer,
      refresh_token: 'rt',
      scope: 'openid a',
      id_token: idToken({ nonce: transaction.nonce }),
      api_domain: 'https://api.example',
      account: { plan: 'free' },
      note: '',
    });
    const saved = await exchange(page, transaction, callback(transaction), options);
    expect(saved).toEqual({
      issuer,
      clientId: 'a page',
      redirectUrl: 'https://app.example/cb',
      userName: 'alice',
      accessToken: 'at',
      refreshToken: 'rt',
      obtainedAt: now(),
      expiresAt: now() + 60_000,
      tokenType: 'Bearer',
      scope: 'openid a',
      idToken: expect.stringMatching(/^ey/),
      apiDomain: 'https://api.example',
      extras: { account: { plan: 'free' } },
    });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      url: `${issuer}/token`,
      form: {
        grant_type: 'authorization_code',
        code: 'the code',
        redirect_uri: 'https://app.example/cb',
        code_verifier: transaction.codeVerifier,
        client_id: 'a page',
      },
    });
    expect(requests[0]?.headers.get('authorization')).toBeNull();
  });

  test('asks for the API of the client, and keeps which one it is', async () => {
    const client = { ...page, scope: [], resource: 'https://api.example/v1' };
    const { transaction } = await authorize(client);
    const { requests, options } = answering(answer);
    const saved = await exchange(client, transaction, callback(transaction), options);
    expect(saved.resource).toBe('https://api.example/v1');
    expect(requests[0]?.form).toMatchObject({ resource: 'https://api.example/v1' });
    const wrong = exchange({ ...client, resource: 'api' }, transaction, callback(transaction), options);
    await expect(wrong).rejects.toMatchObject({ code: 'E_CONFIG' });
    expect(requests).toHaveLength(1);
  });

  test('takes the requested scope for the granted one when the server names none', async () => {
    const client = { ...page, scope: ['a', 'b'], provider: { ...provider, scopeSeparator: ',' } };
    const { transaction } = await authorize(client);
    const { options } = answering({ access_token: 'at', token_type: 'Bearer' });
    expect((await exchange(client, transaction, callback(transaction), options)).scope).toBe('a,b');
  });

  test('clears the expiry of the access token before when the server gives none', async () => {
    const client = { ...page, scope: [] };
    const { transaction } = await authorize(client);
    const saved = await exchange(
      client,
      transaction,
      callback(transaction),
      answering({ access_token: 'at', scope: '' }).options,
    );
    expect(saved).toEqual({
      issuer,
      clientId: 'a page',
      redirectUrl: 'https://app.example/cb',
      accessToken: 'at',
      tokenType: 'Bearer',
      obtainedAt: now(),
      expiresAt: null,
    });
  });

  test.for([
    ['another state', (url: URL) => url.searchParams.set('state', 'x')],
    ['no state', (url: URL) => url.searchParams.delete('state')],
    ['two states', (url: URL) => url.searchParams.append('state', 'x')],
    ['the same state twice', (url: URL) => url.searchParams.append('state', url.searchParams.get('state') ?? '')],
    ['two codes', (url: URL) => url.searchParams.append('code', 'x')],
    ['no code', (url: URL) => url.searchParams.delete('code')],
    ['an empty code', (url: URL) => url.searchParams.set('code', '')],
    ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
    ['an issuer that only looks the same', (url: URL) => url.searchParams.set('iss', `${issuer}/`)],
    ['two issuers', (url: URL) => (url.search += `&iss=${issuer}&iss=${issuer}`)],
    ['an ID token of its own', (url: URL) => url.searchParams.set('id_token', 'x')],
    ['a packed response', (url: URL) => url.searchParams.set('response', 'x')],
  ] as const)('refuses a callback with %s, and sends the code nowhere', async ([, change]) => {
    const { transaction } = await authorize(page);
    const { requests, options } = answering(answer);
    const url = callback(transaction);
    change(url);
    await expect(exchange(page, transaction, url, options)).rejects.toMatchObject({ code: 'E_CALLBACK' });
    expect(requests).toEqual([]);
  });

  test('wants the issuer in the callback of a provider that always sends it', async () => {
    const client = { ...page, scope: [], provider: { ...provider, issuerInCallback: true } };
    const { transaction } = await authorize(client);
    const { requests, options } = answering(answer);
    await expect(exchange(client, transaction, callback(transaction), options)).rejects.toMatchObject({
      code: 'E_CALLBACK',
    });
    expect(requests).toEqual([]);
    await expect(exchange(client, transaction, callback(transaction, { iss: issuer }), options)).resolves.toMatchObject(
      { issuer },
    );
  });

  test('refuses a transaction of another server, and an empty one', async () => {
    const { transaction } = await authorize(page);
    const { requests, options } = answering(answer);
    const elsewhere = { ...page, provider: { ...provider, issuer: 'https://evil.example' } };
    await expect(exchange(elsewhere, transaction, callback(transaction), options)).rejects.toMatchObject({
      code: 'E_CALLBACK',
    });
    const empty = { ...transaction, state: '' };
    await expect(exchange(page, empty, callback(empty), options)).rejects.toMatchObject({ code: 'E_CALLBACK' });
    expect(requests).toEqual([]);
  });

  test.for([
    ['access_denied', 'access_denied'],
    ['login_required', 'login_required'],
    ['<script>words of a server</script>', 'server_error'],
  ] as const)('reports error=%s by its registered code alone', async ([error, oauthError]) => {
    const { transaction } = await authorize(page);
    const url = callback(transaction, { error, error_description: 'words of a server' });
    const failure = await exchange(page, transaction, url, answering(answer).options).catch((reason) => reason);
    expect(failure).toMatchObject({ code: 'E_CALLBACK', oauthError });
    expect(failure.message).not.toContain('words of a server');
  });

  test.for([
    ['another nonce', { nonce: 'x' }],
    ['no nonce', {}],
    ['another audience', { nonce: true, aud: 'x' }],
    ['another issuer', { nonce: true, iss: 'https://evil.example' }],
    ['an end in the past', { nonce: true, exp: now() / 1000 - 3600 }],
  ] as const)('refuses an ID token with %s', async ([, claims]) => {
    const { transaction } = await authorize(page);
    const nonce = 'nonce' in claims && claims.nonce === true ? { nonce: transaction.nonce } : {};
    const { options } = answering({ ...answer, id_token: idToken({ ...claims, ...nonce }) });
    await expect(exchange(page, transaction, callback(transaction), options)).rejects.toMatchObject({
      code: 'E_CALLBACK',
    });
  });

  test('refuses an answer without the ID token that was asked for', async () => {
    const { transaction } = await authorize(page);
    const failure = { code: 'E_OAUTH', oauthError: 'server_error' };
    await expect(exchange(page, transaction, callback(transaction), answering(answer).options)).rejects.toMatchObject(
      failure,
    );
  });
});
