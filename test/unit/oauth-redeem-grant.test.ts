import { describe, expect, test } from 'vitest';
import { redeemGrant, type TokenClient } from '../../src/oauth/index.ts';
import { answer, answering, idToken, issuer, now, provider } from './oauth-server.ts';

/** A client without a redirect URL and without a scope of its own: both are chosen where the grant token is made. */
const client: TokenClient = { provider, clientId: 'a page' };

describe('Redeeming a grant token', () => {
  test('sends the grant token and no more than the client has', async () => {
    const { requests, options } = answering(answer);
    await redeemGrant(client, 'grant', options);
    const complete = { ...client, redirectUrl: 'https://app.example/cb', resource: 'https://api.example/' };
    await redeemGrant(complete, 'grant', options);
    const form = { grant_type: 'authorization_code', code: 'grant', client_id: 'a page' };
    expect(requests.map(({ url, form }) => [url, form])).toEqual([
      [`${issuer}/token`, form],
      [`${issuer}/token`, { ...form, redirect_uri: 'https://app.example/cb', resource: 'https://api.example/' }],
    ]);
  });

  test('resolves with the token, complete but for the client secret', async () => {
    const { options } = answering({ ...answer, refresh_token: 'rt', api_domain: 'https://api.example' });
    const secret = { clientSecret: 'secret', clientAuthentication: 'client_secret_post' } as const;
    const times = { obtainedAt: now(), expiresAt: now() + 60_000 };
    const tokens = { accessToken: 'at', tokenType: 'Bearer', refreshToken: 'rt', apiDomain: 'https://api.example' };
    const origin = { issuer, clientId: 'a page' };
    expect(await redeemGrant({ ...client, ...secret }, 'grant', options)).toEqual({ ...origin, ...tokens, ...times });
    const scoped = { ...client, redirectUrl: 'https://app.example/cb', scope: ['a', 'b'] };
    expect(await redeemGrant(scoped, 'grant', options)).toMatchObject({
      redirectUrl: 'https://app.example/cb',
      scope: 'a b',
    });
  });

  test('takes the user from the ID token, if there is one', async () => {
    const { options } = answering({ ...answer, id_token: idToken({}) });
    expect(await redeemGrant(client, 'grant', options)).toMatchObject({ userName: 'alice' });
    const others = answering({ ...answer, id_token: idToken({ aud: 'another client' }) });
    await expect(redeemGrant(client, 'grant', others.options)).rejects.toMatchObject({ code: 'E_CALLBACK' });
  });

  test('sends nothing without a grant token', async () => {
    const { requests, options } = answering(answer);
    await expect(redeemGrant(client, '', options)).rejects.toMatchObject({ code: 'E_INPUT' });
    expect(requests).toEqual([]);
  });

  test('reports a refusal, whatever its status, and a server that cannot be reached', async () => {
    const refused = answering({ error: 'invalid_code' });
    const failure = {
      code: 'E_OAUTH',
      oauthError: 'invalid_grant',
      message: expect.stringContaining('make a new one'),
    };
    await expect(redeemGrant(client, 'grant', refused.options)).rejects.toMatchObject(failure);
    const fetch = () => Promise.reject(new TypeError('fetch failed'));
    const unreachable = { code: 'E_NETWORK', inDoubt: true };
    await expect(redeemGrant(client, 'grant', { fetch })).rejects.toMatchObject(unreachable);
  });
});
