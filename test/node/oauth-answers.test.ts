import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../scripts/local/http-server.ts';
import type { TokenChange } from '../../src/core/oauth-token.ts';
import { type OAuthClient, type Provider, refresh } from '../../src/oauth/index.ts';
import { marker, silentFailure } from './oauth-leaks.ts';

interface Answer {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body: string;
}

const now = () => 1_700_000_000_000;
const json = { 'content-type': 'application/json' };
let server: HttpServer;
let answer: Answer;

beforeAll(async () => {
  server = await startHttpServer({}, (_request, response) => {
    response.writeHead(answer.status ?? 200, { ...json, ...answer.headers }).end(answer.body);
  });
});
afterAll(() => server.close());

function client(settings: Partial<Provider> = {}): OAuthClient {
  const provider: Provider = {
    issuer: server.url,
    authorizationEndpoint: `${server.url}/auth`,
    tokenEndpoint: `${server.url}/token`,
    ...settings,
  };
  return { provider, clientId: 'client', clientSecret: marker, redirectUrl: 'https://app.example/cb', scope: [] };
}

function refreshed(next: Answer, settings: Partial<Provider> = {}): Promise<TokenChange> {
  answer = next;
  return refresh(client(settings), { accessToken: marker, refreshToken: marker }, { now });
}

const token = { access_token: 'at', token_type: 'Bearer', expires_in: 3600 };
const saved = { accessToken: 'at', tokenType: 'Bearer', obtainedAt: now(), expiresAt: now() + 3_600_000 };
const { expires_in, ...endless } = token;

describe('A successful answer over HTTP', () => {
  test.for<[string, Answer, TokenChange, Partial<Provider>?]>([
    ['as RFC 6749 has it', { body: JSON.stringify(token) }, saved],
    ['in lower case', { body: JSON.stringify({ ...token, token_type: 'bearer' }) }, saved],
    [
      'of Zoho',
      { body: JSON.stringify({ ...token, api_domain: 'https://www.zohoapis.eu' }) },
      { ...saved, tokenType: 'Zoho-oauthtoken', apiDomain: 'https://www.zohoapis.eu' },
      { tokenType: 'Zoho-oauthtoken' },
    ],
    [
      'of Zoho with a type of its own',
      { body: JSON.stringify({ ...token, token_type: 'Zoho-oauthtoken' }) },
      { ...saved, tokenType: 'Zoho-oauthtoken' },
      { tokenType: 'Zoho-oauthtoken' },
    ],
    [
      'of Zoho with milliseconds',
      { body: JSON.stringify({ ...token, expires_in: 3_600_000, expires_in_sec: 3600 }) },
      saved,
    ],
    [
      'of GitHub as a form',
      {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'access_token=at&scope=repo%2Cuser&token_type=bearer',
      },
      { ...saved, scope: 'repo,user', expiresAt: null },
    ],
    [
      'without a token type, as of Shopify',
      { body: '{"access_token":"at","scope":"a"}' },
      { ...saved, scope: 'a', expiresAt: null },
    ],
    [
      'of Slack',
      { body: JSON.stringify({ ...token, ok: true, token_type: 'bot' }) },
      { ...saved, extras: { ok: true } },
      { tokenType: 'Bearer' },
    ],
    ['with a lifetime as text', { body: JSON.stringify({ ...token, expires_in: '3600' }) }, saved],
    ['without a lifetime', { body: JSON.stringify(endless) }, { ...saved, expiresAt: null }],
    ['with a negative lifetime', { body: JSON.stringify({ ...token, expires_in: -1 }) }, { ...saved, expiresAt: null }],
    ['with JSON as HTML', { headers: { 'content-type': 'text/html' }, body: JSON.stringify(token) }, saved],
    ['with status 201', { status: 201, body: JSON.stringify(token) }, saved],
    ['with a null refresh token', { body: JSON.stringify({ ...token, refresh_token: null }) }, saved],
    ['with an empty refresh token', { body: JSON.stringify({ ...token, refresh_token: '' }) }, saved],
    [
      'with a new refresh token',
      { body: JSON.stringify({ ...token, refresh_token: 'next' }) },
      { ...saved, refreshToken: 'next' },
    ],
    [
      'with fields of its own',
      { body: JSON.stringify({ ...token, team: { id: 1 } }) },
      { ...saved, extras: { team: { id: 1 } } },
    ],
    ['with a byte order mark', { body: `\uFEFF${JSON.stringify(token)}` }, saved],
  ])('%s', async ([, next, expected, settings]) => {
    expect(await refreshed(next, settings)).toEqual(expected);
  });
});

describe('A refusal over HTTP', () => {
  const words = { error_description: marker, access_token_hint: marker };

  test.for<[string, Answer, string]>([
    [
      'as RFC 6749 has it',
      { status: 400, body: JSON.stringify({ error: 'invalid_grant', ...words }) },
      'invalid_grant',
    ],
    ['with status 200, of Zoho', { body: JSON.stringify({ error: 'invalid_code', ...words }) }, 'invalid_grant'],
    ['with status 200, of GitHub', { body: `error=bad_refresh_token&error_description=${marker}` }, 'invalid_grant'],
    [
      'with status 200, of Slack',
      { body: JSON.stringify({ ok: false, error: 'invalid_refresh_token' }) },
      'invalid_grant',
    ],
    [
      'with status 200 and an object',
      { body: JSON.stringify({ error: { code: 'invalid_client', message: marker } }) },
      'invalid_client',
    ],
    ['with status 200 and words', { body: JSON.stringify({ error: marker }) }, 'server_error'],
    [
      'with too many requests, of Zoho',
      { body: JSON.stringify({ error: 'Access Denied', ...words }) },
      'temporarily_unavailable',
    ],
    [
      'with a challenge and a body',
      {
        status: 401,
        headers: { 'www-authenticate': `Basic realm="${marker}"` },
        body: JSON.stringify({ error: 'invalid_client', ...words }),
      },
      'invalid_client',
    ],
    [
      'with a challenge alone',
      { status: 401, headers: { 'www-authenticate': `Basic realm="${marker}"` }, body: marker },
      'invalid_client',
    ],
    ['with words', { status: 400, body: JSON.stringify({ error: marker }) }, 'server_error'],
    ['of a proxy', { status: 403, headers: { 'content-type': 'text/html' }, body: `<html>${marker}` }, 'server_error'],
    ['of a broken server', { status: 500, body: JSON.stringify({ error: 'invalid_grant', ...words }) }, 'server_error'],
    [
      'of a gateway',
      { status: 502, headers: { 'content-type': 'text/html' }, body: `<html>${marker}` },
      'server_error',
    ],
    [
      'with a redirect',
      { status: 302, headers: { location: `https://elsewhere.example/?${marker}` }, body: '' },
      'server_error',
    ],
    [
      'with a redirect that keeps the method',
      { status: 307, headers: { location: `https://elsewhere.example/?${marker}` }, body: '' },
      'server_error',
    ],
  ])('%s', async ([, next, oauthError]) => {
    expect(await silentFailure(refreshed(next))).toMatchObject({ code: 'E_OAUTH', oauthError });
  });

  test('with the time to wait', async () => {
    const busy = { status: 429, headers: { 'retry-after': '17' }, body: marker };
    const expected = { code: 'E_OAUTH', oauthError: 'temporarily_unavailable', retryAfterMs: 17_000 };
    expect(await silentFailure(refreshed(busy))).toMatchObject(expected);
    // The server's own clock, which is years ahead of the one here.
    const http = (ms: number) => new Date(Date.UTC(2026, 0) + ms).toUTCString();
    const date = { status: 503, headers: { date: http(0), 'retry-after': http(60_000) }, body: marker };
    expect(await silentFailure(refreshed(date))).toMatchObject({ ...expected, retryAfterMs: 60_000 });
  });
});

describe('An answer that is neither leaves it in doubt what the server did, and', () => {
  test.for<[string, Answer, Partial<Provider>?]>([
    ['nothing', { body: '' }],
    ['nothing with status 204', { status: 204, body: '' }],
    ['a list', { body: JSON.stringify([marker]) }],
    ['text', { body: JSON.stringify(marker) }],
    ['half an object', { body: `{"access_token":"${marker}"` }],
    ['a page', { headers: { 'content-type': 'text/html' }, body: `<!doctype html>${marker}` }],
    ['no access token', { body: JSON.stringify({ token_type: 'Bearer', refresh_token: marker }) }],
    ['an access token that is a number', { body: JSON.stringify({ access_token: 1, refresh_token: marker }) }],
    [
      'a refresh token that is an object',
      { body: JSON.stringify({ ...token, access_token: marker, refresh_token: { marker } }) },
    ],
    ['a token type nobody knows', { body: JSON.stringify({ access_token: marker, token_type: marker }) }],
    ['an ID token that is none', { body: JSON.stringify({ ...token, access_token: marker, id_token: marker }) }],
    ['an encrypted ID token', { body: JSON.stringify({ ...token, access_token: marker, id_token: `${marker}....` }) }],
    [
      'no token type, where the provider is strict',
      { body: JSON.stringify({ access_token: marker }) },
      { responses: 'strict' },
    ],
    [
      'a null refresh token, where the provider is strict',
      { body: JSON.stringify({ ...token, access_token: marker, refresh_token: null }) },
      { responses: 'strict' },
    ],
    [
      'an error with status 200, where the provider is strict',
      { body: JSON.stringify({ error: marker }) },
      { responses: 'strict' },
    ],
    [
      'status 201, where the provider is strict',
      { status: 201, body: JSON.stringify({ access_token: marker }) },
      { responses: 'strict' },
    ],
  ])('is E_OAUTH without a verdict on the grant: %s', async ([, next, settings]) => {
    expect(await silentFailure(refreshed(next, settings))).toMatchObject({
      code: 'E_OAUTH',
      oauthError: 'server_error',
      inDoubt: true,
    });
  });
});
