import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients } from '../../scripts/local/clients.ts';
import type { HttpServer } from '../../scripts/local/http-server.ts';
import type { AccessToken } from '../../src/core/access-token.ts';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import { dpop as boundTo } from '../../src/oauth/dpop.ts';
import { authorize, exchange, type OAuthClient, type OAuthOptions, oauthRenewal } from '../../src/oauth/index.ts';
import { newKeyPair } from '../unit/oauth-proof.ts';
import { redirectUrl, resource, startDpopServer } from './oauth-dpop-server.ts';
import { OAuthUser } from './oauth-user.ts';

const unlimited = new AbortController().signal;

describe.for([
  ['wants nonces', true],
  ['wants none', false],
] as const)('At a real authorization server that binds tokens to keys and %s', ([, wantsNonces]) => {
  let server: HttpServer;
  beforeAll(async () => {
    server = await startDpopServer(wantsNonces);
  });
  afterAll(() => server.close());

  const clientWithKey = async (known: { id: string; secret?: string }, more: Partial<OAuthClient> = {}) => ({
    provider: { issuer: server.url },
    clientId: known.id,
    ...(known.secret !== undefined && { clientSecret: known.secret }),
    redirectUrl,
    scope: ['openid'],
    dpop: boundTo(await newKeyPair()),
    ...more,
  });
  const signIn = async (client: OAuthClient, options: OAuthOptions = {}) => {
    const { url, transaction } = await authorize(client, options);
    const callback = await new OAuthUser().signIn(url);
    return { ...(await exchange(client, transaction, callback, options)), id: 'id', revision: 1 } as SavedToken;
  };
  const renewed = async (client: OAuthClient, token: SavedToken, options: OAuthOptions = {}) => {
    const { refresh } = oauthRenewal(client, options);
    return { ...token, ...(await refresh(token, { signal: unlimited, inDoubt: false })) } as SavedToken;
  };
  const callApi = async (client: OAuthClient, token: SavedToken, options: OAuthOptions = {}) => {
    const { send } = oauthRenewal(client, options);
    return (await send?.(new Request(`${server.url}/me`), token as unknown as AccessToken, fetch)) as Response;
  };

  test.for([
    ['a public client', clients.page],
    ['a confidential client', clients.worker],
  ] as const)('%s signs a user in, renews, and calls the API', async ([, known]) => {
    const client = await clientWithKey(known);
    const token = await signIn(client);
    expect(token).toMatchObject({ tokenType: 'DPoP', userName: 'alice' });
    const first = await callApi(client, token);
    expect([first.status, await first.json()]).toEqual([200, { sub: 'alice' }]);
    const next = await renewed(client, token);
    expect(next.refreshToken).not.toBe(token.refreshToken);
    expect((await callApi(client, next)).status).toBe(200);
  });

  test('a token is worth nothing with another key', async () => {
    const client = await clientWithKey(clients.page);
    const token = await signIn(client);
    const thief = { ...client, dpop: boundTo(await newKeyPair()) };
    expect((await callApi(thief, token)).status).toBe(401);
    await expect(renewed(thief, token)).rejects.toMatchObject({ code: 'E_OAUTH', oauthError: 'invalid_grant' });
    const plain = await fetch(`${server.url}/me`, { headers: { authorization: `Bearer ${token.accessToken}` } });
    expect(plain.ok).toBe(false);
  });

  test('a code is worth nothing with another key than the one the sign-in began with', async () => {
    const client = await clientWithKey(clients.page);
    const { url, transaction } = await authorize(client);
    const callback = await new OAuthUser().signIn(url);
    const stolen = exchange({ ...client, dpop: boundTo(await newKeyPair()) }, transaction, callback);
    await expect(stolen).rejects.toMatchObject({ code: 'E_OAUTH', oauthError: 'invalid_grant' });
  });

  test.for([3, -3])('a device whose clock is %i hours off signs in, renews and calls the API', async (hours) => {
    const options = { now: () => Date.now() + hours * 3_600_000 };
    const client = await clientWithKey(clients.page);
    const token = await signIn(client, options);
    const next = await renewed(client, token, options);
    expect(next).toMatchObject({ tokenType: 'DPoP' });
    expect(next.obtainedAt).toBeGreaterThan(Date.now() + (hours - 1) * 3_600_000);
    expect((await callApi(client, next, options)).status).toBe(200);
  });

  test('a token for one API is for that API alone, after a renewal too', async () => {
    const client = await clientWithKey(clients.worker, { resource });
    const token = await signIn(client);
    expect(token.resource).toBe(resource);
    const thumbprint = (await authorize(client)).url.searchParams.get('dpop_jkt');
    for (const one of [token, await renewed(client, token)]) {
      const claims = JSON.parse(Buffer.from(one.accessToken?.split('.')[1] ?? '', 'base64url').toString());
      expect(claims).toMatchObject({ aud: resource, cnf: { jkt: thumbprint } });
    }
  });
});
