import { afterAll, beforeAll } from 'vitest';
import { type AuthorizationServer, startAuthorizationServer } from '../../scripts/local/authorization-server.ts';
import { type ProtectedApi, startProtectedApi } from '../../scripts/local/protected-api.ts';
import type { OAuthToken } from '../../src/core/oauth-token.ts';
import { authorize, exchange, type OAuthClient } from '../../src/oauth/index.ts';
import { OAuthUser } from './oauth-user.ts';

// Importing this file starts both servers for the tests of the importing one, and closes them afterwards.

/** Where both servers let clients be sent back to. */
export const redirectUrl = 'http://localhost:4000/auth/callback';
/** The authorization server, while the tests of the importing file run. */
export let server: AuthorizationServer;
/** The API, likewise. */
export let api: ProtectedApi;

beforeAll(async () => {
  server = await startAuthorizationServer({ workerRedirectUrls: [redirectUrl], pageRedirectUrls: [redirectUrl] });
  api = await startProtectedApi({ issuer: server.issuer });
});
afterAll(async () => {
  await api.close();
  await server.close();
});

/** A client as the local server knows it. */
export function clientOf(
  known: { readonly id: string; readonly secret?: string },
  more: Partial<OAuthClient> = {},
): OAuthClient {
  const secret = known.secret === undefined ? {} : { clientSecret: known.secret };
  const provider = { issuer: server.issuer };
  return { provider, clientId: known.id, ...secret, redirectUrl, scope: ['openid', 'api'], ...more };
}

/** Signs a user in, through the server's own pages. */
export async function signIn(
  client: OAuthClient,
  name = 'alice',
): Promise<OAuthToken & { readonly expiresAt: number }> {
  const { url, transaction } = await authorize(client);
  const callback = await new OAuthUser().signIn(url, { name });
  return (await exchange(client, transaction, callback)) as OAuthToken & { expiresAt: number };
}

/** Calls the API with the token. */
export async function callApi(token: OAuthToken, path = '/me'): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `${token.tokenType} ${token.accessToken}` };
  const response = await fetch(api.url + path, { headers });
  return { status: response.status, body: await response.json() };
}
