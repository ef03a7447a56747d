import { toBase64url } from '../../src/core/base64url.ts';
import type { OAuthClient, Provider } from '../../src/oauth/index.ts';

/** The clock of these tests, in epoch milliseconds. */
export const now = (): number => Date.UTC(2026, 10, 23, 12);

/** The server of these tests, and a public client of it. */
export const issuer = 'https://server.example';
export const provider: Provider = {
  issuer,
  authorizationEndpoint: `${issuer}/auth`,
  tokenEndpoint: `${issuer}/token`,
  revocationEndpoint: `${issuer}/revoke`,
};
export const page: OAuthClient = {
  provider,
  clientId: 'a page',
  redirectUrl: 'https://app.example/cb',
  scope: ['openid'],
};

/** A successful answer. */
export const answer = { access_token: 'at', token_type: 'bearer', expires_in: 60 };

/** A server of one answer that remembers what it was asked. */
export function answering(body: unknown, status = 200, headers: HeadersInit = {}) {
  const requests: { url: string; headers: Headers; form: { [name: string]: string } }[] = [];
  const fetch = async (url: URL | RequestInfo, init: RequestInit = {}): Promise<Response> => {
    const form = Object.fromEntries(new URLSearchParams(String(init.body)));
    requests.push({ url: String(url), headers: new Headers(init.headers), form });
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
  };
  return { requests, options: { fetch, now } };
}

/** An ID token of alice for the page, unless the claims say otherwise. Nobody checks its signature. */
export function idToken(claims: object): string {
  const part = (value: object) => toBase64url(new TextEncoder().encode(JSON.stringify(value)));
  const seconds = now() / 1000;
  const complete = { iss: issuer, aud: page.clientId, sub: 'alice', iat: seconds, exp: seconds + 60, ...claims };
  return `${part({ alg: 'RS256' })}.${part(complete)}.c2ln`;
}
