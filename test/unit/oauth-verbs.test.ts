import { describe, expect, test } from 'vitest';
import { toBase64url } from '../../src/core/base64url.ts';
import {
  authorize,
  exchange,
  type OAuthClient,
  type Provider,
  refresh,
  revoke,
  type Transaction,
} from '../../src/oauth/index.ts';

const now = () => Date.UTC(2026, 10, 23, 12);
const issuer = 'https://server.example';
const provider: Provider = {
  issuer,
  authorizationEndpoint: `${issuer}/auth`,
  tokenEndpoint: `${issuer}/token`,
  revocationEndpoint: `${issuer}/revoke`,
};
const page: OAuthClient = { provider, clientId: 'a page', redirectUrl: 'https://app.example/cb', scope: ['openid'] };
const answer = { access_token: 'at', token_type: 'bearer', expires_in: 60 };

/** A server of one answer that remembers what it was asked. */
function server(body: unknown, status = 200) {
  const requests: { url: string; headers: Headers; form: { [name: string]: string } }[] = [];
  const fetch = async (url: URL | RequestInfo, init: RequestInit = {}): Promise<Response> => {
    const form = Object.fromEntries(new URLSearchParams(String(init.body)));
    requests.push({ url: String(url), headers: new Headers(init.headers), form });
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
  return { requests, options: { fetch, now } };
}

function idToken(claims: object): string {
  const part = (value: object) => toBase64url(new TextEncoder().encode(JSON.stringify(value)));
  const seconds = now() / 1000;
  const complete = { iss: issuer, aud: page.clientId, sub: 'alice', iat: seconds, exp: seconds + 60, ...claims };
  return `${part({ alg: 'RS256' })}.${part(complete)}.c2ln`;
}

function callback(transaction: Transaction, more: { [name: string]: string } = {}): URL {
  return new URL(`${page.redirectUrl}?${new URLSearchParams({ code: 'the code', state: transaction.state, ...more })}`);
}

describe('Exchange', () => {
  test('redeems the code of a public client and resolves with all there is to save', async () => {
    const { transaction } = await authorize(page);
    const { requests, options } = server({
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

  test('clears the expiry of the access token before when the server gives none', async () => {
    const client = { ...page, scope: [] };
    const { transaction } = await authorize(client);
    const saved = await exchange(
      client,
      transaction,
      callback(transaction),
      server({ access_token: 'at', scope: '' }).options,
    );
    expect(saved).toEqual({
      issuer,
      clientId: 'a page',
      redirectUrl: 'https://app.example/cb',
      accessToken: 'at',
      tokenType: 'Bearer',
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
    const { requests, options } = server(answer);
    const url = callback(transaction);
    change(url);
    await expect(exchange(page, transaction, url, options)).rejects.toMatchObject({ code: 'E_CALLBACK' });
    expect(requests).toEqual([]);
  });

  test('wants the issuer in the callback of a provider that always sends it', async () => {
    const client = { ...page, scope: [], provider: { ...provider, issuerInCallback: true } };
    const { transaction } = await authorize(client);
    const { requests, options } = server(answer);
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
    const { requests, options } = server(answer);
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
    const failure = await exchange(page, transaction, url, server(answer).options).catch((reason) => reason);
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
    const { options } = server({ ...answer, id_token: idToken({ ...claims, ...nonce }) });
    await expect(exchange(page, transaction, callback(transaction), options)).rejects.toMatchObject({
      code: 'E_CALLBACK',
    });
  });

  test('refuses an answer without the ID token that was asked for', async () => {
    const { transaction } = await authorize(page);
    const failure = { code: 'E_OAUTH', oauthError: 'server_error' };
    await expect(exchange(page, transaction, callback(transaction), server(answer).options)).rejects.toMatchObject(
      failure,
    );
  });
});

describe('Refresh', () => {
  const token = {
    issuer,
    clientId: 'a page',
    accessToken: 'old',
    refreshToken: 'rt',
    userName: 'alice',
    idToken: idToken({}),
  };

  test('resolves with what the server sent and nothing else', async () => {
    const { requests, options } = server(answer);
    expect(await refresh(page, token, options)).toEqual({
      accessToken: 'at',
      tokenType: 'Bearer',
      expiresAt: now() + 60_000,
    });
    expect(requests[0]?.form).toEqual({ grant_type: 'refresh_token', refresh_token: 'rt', client_id: 'a page' });
    const rotated = await refresh(
      page,
      token,
      server({ ...answer, refresh_token: 'next', expires_in: undefined }).options,
    );
    expect(rotated).toEqual({ accessToken: 'at', refreshToken: 'next', tokenType: 'Bearer', expiresAt: null });
  });

  test('asks for a new sign-in without a refresh token', async () => {
    const { requests, options } = server(answer);
    const { refreshToken, ...without } = token;
    await expect(refresh(page, without, options)).rejects.toMatchObject({ code: 'E_REAUTH' });
    await expect(refresh(page, { ...without, refreshToken: '' }, options)).rejects.toMatchObject({ code: 'E_REAUTH' });
    expect(requests).toEqual([]);
  });

  test('sends a token of another issuer or client nowhere', async () => {
    const { requests, options } = server(answer);
    for (const other of [{ issuer: 'https://other.example' }, { clientId: 'another' }]) {
      await expect(refresh(page, { ...token, ...other }, options)).rejects.toMatchObject({ code: 'E_CONFIG' });
      await expect(revoke(page, { ...token, ...other }, options)).rejects.toMatchObject({ code: 'E_CONFIG' });
    }
    expect(requests).toEqual([]);
  });

  test('takes a new ID token of the same user only', async () => {
    const same = await refresh(page, token, server({ ...answer, id_token: idToken({}) }).options);
    expect(same.idToken).toBe(idToken({}));
    const other = server({ ...answer, id_token: idToken({ sub: 'mallory' }) });
    await expect(refresh(page, token, other.options)).rejects.toMatchObject({
      code: 'E_OAUTH',
      oauthError: 'server_error',
    });
    const damaged = { ...token, idToken: 'x' };
    await expect(refresh(page, damaged, other.options)).resolves.toMatchObject({ accessToken: 'at' });
  });

  test('authenticates as the client is registered', async () => {
    const send = async (client: Partial<OAuthClient>) => {
      const { requests, options } = server(answer);
      await refresh({ ...page, ...client }, token, options);
      const { client_secret, client_id } = requests[0]?.form ?? {};
      return [requests[0]?.headers.get('authorization') ?? null, client_id, client_secret];
    };
    const secret = 'p:ss wörd+';
    const basic = `Basic ${btoa('a+page:p%3Ass+w%C3%B6rd%2B')}`;
    expect(await send({ clientSecret: secret })).toEqual([basic, undefined, undefined]);
    expect(await send({ clientSecret: secret, clientAuthentication: 'client_secret_basic' })).toEqual([
      basic,
      undefined,
      undefined,
    ]);
    expect(await send({ clientSecret: secret, clientAuthentication: 'client_secret_post' })).toEqual([
      null,
      'a page',
      secret,
    ]);
    expect(await send({})).toEqual([null, 'a page', undefined]);
    const failure = { code: 'E_CONFIG', message: expect.stringContaining('clientSecret') };
    await expect(send({ clientAuthentication: 'client_secret_post' })).rejects.toMatchObject(failure);
  });

  test('presents the token as the provider wants it, else as the server says', async () => {
    const zoho = { ...page, provider: { ...provider, tokenType: 'Zoho-oauthtoken' } };
    expect((await refresh(zoho, token, server(answer).options)).tokenType).toBe('Zoho-oauthtoken');
    const bot = { ...answer, token_type: 'bot' };
    const slack = { ...page, provider: { ...provider, tokenType: 'Bearer' } };
    expect((await refresh(slack, token, server(bot).options)).tokenType).toBe('Bearer');
    const failure = { code: 'E_OAUTH', message: expect.stringContaining('provider.tokenType') };
    await expect(refresh(page, token, server(bot).options)).rejects.toMatchObject(failure);
  });

  test('of a strict provider takes conforming answers only', async () => {
    const strict: OAuthClient = { ...page, provider: { ...provider, responses: 'strict' } };
    expect(await refresh(strict, token, server(answer).options)).toMatchObject({ accessToken: 'at' });
    for (const body of [
      { error: 'invalid_grant' },
      { access_token: 'at' },
      { ...answer, expires_in: -1 },
      'access_token=at&token_type=bearer',
    ]) {
      const failure = { code: 'E_OAUTH', oauthError: 'server_error' };
      await expect(refresh(strict, token, server(body).options)).rejects.toMatchObject(failure);
    }
    const refused = server({ error: 'invalid_grant' }, 400);
    await expect(refresh(strict, token, refused.options)).rejects.toMatchObject({ oauthError: 'invalid_grant' });
  });

  test('ends when the caller says so', async () => {
    const controller = new AbortController();
    const fetch = (_url: unknown, init?: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        controller.abort(new Error('a secret reason'));
      });
    const failure = await refresh(page, token, { fetch, signal: controller.signal }).catch((reason) => reason);
    expect(failure).toMatchObject({ code: 'E_NETWORK' });
    expect(failure.message).not.toContain('a secret reason');
  });
});

describe('Revoke', () => {
  const token = { accessToken: 'at', refreshToken: 'rt' };

  test('sends the refresh token, else the access token, with a hint', async () => {
    const { requests, options } = server('');
    await revoke(page, token, options);
    await revoke(page, { accessToken: 'at' }, options);
    const client = { client_id: 'a page' };
    expect(requests.map(({ url, form }) => [url, form])).toEqual([
      [`${issuer}/revoke`, { token: 'rt', token_type_hint: 'refresh_token', ...client }],
      [`${issuer}/revoke`, { token: 'at', token_type_hint: 'access_token', ...client }],
    ]);
  });

  test('does nothing without a token, and nothing for a provider without the endpoint', async () => {
    const { requests, options } = server('');
    const { revocationEndpoint, ...without } = provider;
    await revoke(page, {}, options);
    await revoke({ ...page, provider: without }, token, options);
    expect(requests).toEqual([]);
  });

  test('reports a refusal, with whatever status it comes', async () => {
    for (const status of [200, 400]) {
      const { options } = server({ error: 'unsupported_token_type' }, status);
      const failure = { code: 'E_OAUTH', oauthError: 'unsupported_token_type' };
      await expect(revoke(page, token, options)).rejects.toMatchObject(failure);
    }
  });
});
