import { describe, expect, test } from 'vitest';
import { clients } from '../../scripts/local/clients.ts';
import type { OAuthToken } from '../../src/core/oauth-token.ts';
import { authorize, exchange, type OAuthClient, refresh, revoke } from '../../src/oauth/index.ts';
import { callApi, clientOf, redirectUrl, server, signIn } from './oauth-servers.ts';
import { OAuthUser } from './oauth-user.ts';

describe.for<[string, () => OAuthClient]>([
  ['a public client', () => clientOf(clients.page)],
  ['a confidential client (client_secret_basic)', () => clientOf(clients.worker)],
  [
    'a confidential client (client_secret_post)',
    () => clientOf(clients.workerPost, { clientAuthentication: 'client_secret_post' }),
  ],
])('At a real authorization server, %s', ([, client]) => {
  test('signs a user in and gets a token the API accepts', async () => {
    const before = Date.now();
    const token = await signIn(client(), 'Zoë O’Brien');
    expect(token).toMatchObject({
      issuer: server.issuer,
      clientId: client().clientId,
      redirectUrl,
      userName: 'Zoë O’Brien',
      tokenType: 'Bearer',
      scope: 'openid api',
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      idToken: expect.any(String),
    });
    expect(token).not.toHaveProperty('clientSecret');
    expect(token.expiresAt).toBeGreaterThanOrEqual(before + 300_000);
    expect(token.expiresAt).toBeLessThanOrEqual(Date.now() + 300_000);
    expect(await callApi(token)).toMatchObject({
      status: 200,
      body: { name: 'Zoë O’Brien', client: client().clientId },
    });
  });

  test('renews, and the server rotates the refresh token', async () => {
    const token = await signIn(client());
    const renewed = await refresh(client(), token);
    expect(renewed.refreshToken).not.toBe(token.refreshToken);
    expect(renewed).not.toHaveProperty('userName');
    expect(await callApi({ ...token, ...(renewed as OAuthToken) })).toMatchObject({
      status: 200,
      body: { name: 'alice' },
    });
  });

  test('finds the whole grant dead after a refresh token was used twice', async () => {
    const token = await signIn(client());
    const renewed = (await refresh(client(), token)) as OAuthToken;
    const dead = { code: 'E_OAUTH', oauthError: 'invalid_grant' };
    await expect(refresh(client(), token)).rejects.toMatchObject(dead);
    await expect(refresh(client(), renewed)).rejects.toMatchObject(dead);
    expect(await callApi({ ...token, ...renewed })).toMatchObject({ status: 401 });
  });

  test('revokes: neither token works any more, and doing it twice is no failure', async () => {
    const token = await signIn(client());
    await revoke(client(), token);
    await expect(refresh(client(), token)).rejects.toMatchObject({ oauthError: 'invalid_grant' });
    expect(await callApi(token)).toMatchObject({ status: 401 });
    await expect(revoke(client(), token)).resolves.toBeUndefined();
  });

  test('gets no second token for one code', async () => {
    const { url, transaction } = await authorize(client());
    const callback = await new OAuthUser().signIn(url);
    const token = (await exchange(client(), transaction, callback)) as OAuthToken;
    const refused = { code: 'E_OAUTH', oauthError: 'invalid_grant' };
    await expect(exchange(client(), transaction, callback)).rejects.toMatchObject(refused);
    expect(await callApi(token)).toMatchObject({ status: 401 });
  });

  test('is refused with a verifier that is not the one of the request', async () => {
    const { url, transaction } = await authorize(client());
    const callback = await new OAuthUser().signIn(url);
    const stranger = { ...transaction, codeVerifier: 'x'.repeat(43) };
    await expect(exchange(client(), stranger, callback)).rejects.toMatchObject({ oauthError: 'invalid_grant' });
  });
});

describe('At a real authorization server', () => {
  const worker = () => clientOf(clients.worker);

  test('a user who cancels is reported as access_denied', async () => {
    const { url, transaction } = await authorize(worker());
    const callback = await new OAuthUser().signIn(url, { action: 'deny' });
    const failure = { code: 'E_CALLBACK', oauthError: 'access_denied' };
    await expect(exchange(worker(), transaction, callback)).rejects.toMatchObject(failure);
  });

  test('a user who is signed in already is asked nothing but consent, and can choose another name', async () => {
    const user = new OAuthUser();
    const consent = clientOf(clients.page, {
      provider: { issuer: server.issuer, authorizationParameters: { prompt: 'consent' } },
    });
    const names = [];
    for (const answer of [{ name: 'ann' }, { name: 'ignored' }, { name: 'bob', action: 'other' as const }]) {
      const { url, transaction } = await authorize(consent);
      names.push((await exchange(consent, transaction, await user.signIn(url, answer))).userName);
    }
    expect(names).toEqual(['ann', 'ann', 'bob']);
  });

  test('a callback without the issuer is refused, because the server advertises that it sends it', async () => {
    const { url, transaction } = await authorize(worker());
    const callback = await new OAuthUser().signIn(url);
    expect(callback.searchParams.get('iss')).toBe(server.issuer);
    callback.searchParams.delete('iss');
    const { exchanges } = server.counts;
    await expect(exchange(worker(), transaction, callback)).rejects.toMatchObject({ code: 'E_CALLBACK' });
    expect(server.counts.exchanges).toBe(exchanges);
  });

  test('a callback of another sign-in is refused', async () => {
    const { url, transaction } = await authorize(worker());
    const other = await authorize(worker());
    const callback = await new OAuthUser().signIn(url);
    await expect(exchange(worker(), other.transaction, callback)).rejects.toMatchObject({ code: 'E_CALLBACK' });
    const mixed = { ...other.transaction, state: transaction.state, codeVerifier: transaction.codeVerifier };
    // Only the nonce tells this one apart: a code that was injected into another sign-in.
    await expect(exchange(worker(), mixed, callback)).rejects.toMatchObject({ code: 'E_CALLBACK' });
  });

  test('a wrong client secret is a matter of configuration', async () => {
    const token = await signIn(worker());
    const wrong = { ...worker(), clientSecret: 'wrong' };
    const failure = { code: 'E_OAUTH', oauthError: 'invalid_client' };
    await expect(refresh(wrong, token)).rejects.toMatchObject(failure);
    await expect(refresh({ ...wrong, clientAuthentication: 'client_secret_post' }, token)).rejects.toMatchObject(
      failure,
    );
    await expect(refresh(worker(), token)).resolves.toMatchObject({ accessToken: expect.any(String) });
  });

  test('explicit endpoints do without discovery', async () => {
    const { issuer } = server;
    const provider = {
      issuer,
      authorizationEndpoint: `${issuer}/auth`,
      tokenEndpoint: `${issuer}/token`,
      revocationEndpoint: `${issuer}/token/revocation`,
    };
    const explicit = { ...worker(), provider };
    const token = await signIn(explicit);
    expect(token.userName).toBe('alice');
    await revoke(explicit, token);
    await expect(refresh(explicit, token)).rejects.toMatchObject({ oauthError: 'invalid_grant' });
  });

  test('a client without openid learns no name', async () => {
    const token = await signIn({ ...worker(), scope: ['api'] });
    expect(token).not.toHaveProperty('userName');
    expect(token).not.toHaveProperty('idToken');
    expect(await callApi(token, '/time')).toMatchObject({ status: 200, body: { time: expect.any(String) } });
  });
});
