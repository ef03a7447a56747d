import { describe, expect, test } from 'vitest';
import { startAuthorizationServer } from '../../scripts/local/authorization-server.ts';
import { clients } from '../../scripts/local/clients.ts';
import type { OAuthToken } from '../../src/core/oauth-token.ts';
import { refresh, revoke } from '../../src/oauth/index.ts';
import { api, callApi, clientOf, redirectUrl, server, signIn } from './oauth-servers.ts';

describe('The local servers', () => {
  test('count what happens, shorten the life of tokens and forget them on request', async () => {
    const before = { ...server.counts };
    const page = clientOf(clients.page);
    server.setAccessTokenTtl(1);
    const token = await signIn(page);
    server.setAccessTokenTtl(300);
    expect(token.expiresAt).toBeLessThanOrEqual(Date.now() + 1000);
    const renewed = (await refresh(page, token)) as OAuthToken;
    server.forgetAccessTokens();
    expect(await callApi(renewed)).toMatchObject({ status: 401 });
    await refresh(page, renewed);
    await expect(refresh(page, renewed)).rejects.toThrow();
    await revoke(page, renewed);
    expect(server.counts).toEqual({
      tokenRequests: before.tokenRequests + 4,
      exchanges: before.exchanges + 1,
      refreshes: before.refreshes + 2,
      refusals: before.refusals + 1,
      revocations: before.revocations + 1,
      revokedGrants: before.revokedGrants + 1,
    });
  });

  test('hold a token request until the test lets it go', async () => {
    const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const urls = { workerRedirectUrls: [redirectUrl], pageRedirectUrls: [redirectUrl] };
    const held = await startAuthorizationServer({
      ...urls,
      beforeTokenRequest: () => {
        arrive();
        return gate;
      },
    });
    try {
      const token = signIn(clientOf(clients.page, { provider: { issuer: held.issuer } }));
      await arrived;
      expect(held.counts).toMatchObject({ tokenRequests: 1, exchanges: 0 });
      letGo();
      await expect(token).resolves.toMatchObject({ userName: 'alice' });
    } finally {
      await held.close();
    }
  });

  test('replace refresh tokens, or leave them be where they are told to', async () => {
    const urls = { workerRedirectUrls: [redirectUrl], pageRedirectUrls: [redirectUrl] };
    const lenient = await startAuthorizationServer({ ...urls, rotation: 'none' });
    try {
      const page = clientOf(clients.page, { provider: { issuer: lenient.issuer } });
      const token = await signIn(page);
      for (let i = 0; i < 2; i++) {
        const renewed = (await refresh(page, token)) as OAuthToken;
        expect(renewed.refreshToken ?? token.refreshToken).toBe(token.refreshToken);
      }
      expect(lenient.counts).toMatchObject({ refreshes: 2, refusals: 0, revokedGrants: 0 });
    } finally {
      await lenient.close();
    }
  });

  test('answer pages of the public client with CORS headers, and no others', async () => {
    const ask = async (origin: string, clientId: string) => {
      const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', client_id: clientId });
      const response = await fetch(`${server.issuer}/token`, { method: 'POST', headers: { origin }, body });
      return response.headers.get('access-control-allow-origin');
    };
    expect(await ask('http://localhost:4000', clients.page.id)).toBe('http://localhost:4000');
    expect(await ask('http://evil.example', clients.page.id)).toBeNull();
  });

  test('protect the API', async () => {
    const bare = await fetch(`${api.url}/me`);
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const wrong = await fetch(`${api.url}/me`, { headers: { authorization: 'Bearer wrong' } });
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
    const token = await signIn(clientOf(clients.page));
    const authorization = `Bearer ${token.accessToken}`;
    const echo = await fetch(`${api.url}/echo`, { method: 'POST', headers: { authorization }, body: 'hello' });
    expect(await echo.json()).toEqual({ name: 'alice', echo: 'hello' });
    expect(await callApi(token, '/nothing')).toMatchObject({ status: 404 });
  });
});
