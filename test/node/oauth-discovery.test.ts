import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../scripts/local/http-server.ts';
import { authorize, exchange, type OAuthClient, type Provider } from '../../src/oauth/index.ts';
import { marker, silentFailure } from './oauth-leaks.ts';

const openid = '/.well-known/openid-configuration';
const oauth = '/.well-known/oauth-authorization-server';
let server: HttpServer;
let asked: string[];
let handlers: { [path: string]: (response: ServerResponse) => unknown };

beforeEach(async () => {
  asked = [];
  server = await startHttpServer({}, (request, response) => {
    asked.push(request.url ?? '');
    const handler = handlers[request.url ?? ''];
    return handler ? handler(response) : response.writeHead(404).end(marker);
  });
});
afterEach(() => server.close());

const document = (more: object = {}) => ({
  issuer: server.url,
  authorization_endpoint: `${server.url}/authorize`,
  token_endpoint: `${server.url}/token`,
  ...more,
});
const send = (body: unknown) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const client = (provider: Partial<Provider> = {}): OAuthClient => ({
  provider: { issuer: server.url, ...provider },
  clientId: 'client',
  redirectUrl: 'https://app.example/cb',
  scope: [],
});

describe('Discovery', () => {
  test('reads the OpenID Connect document first, and remembers it for ten minutes', async () => {
    handlers = { [openid]: send(document()) };
    let clock = 1_700_000_000_000;
    const now = () => clock;
    const { url } = await authorize(client(), { now });
    expect(url.pathname).toBe('/authorize');
    clock += 599_999;
    await authorize(client(), { now });
    expect(asked).toEqual([openid]);
    clock += 1;
    await authorize(client(), { now });
    expect(asked).toEqual([openid, openid]);
  });

  test('asks again when the clock was set back', async () => {
    handlers = { [openid]: send(document()) };
    await authorize(client(), { now: () => 2_000_000_000_000 });
    await authorize(client(), { now: () => 1_000_000_000_000 });
    expect(asked).toEqual([openid, openid]);
  });

  test('falls back to the document of RFC 8414', async () => {
    handlers = { [oauth]: send(document()) };
    await authorize(client());
    expect(asked).toEqual([openid, oauth]);
  });

  test('falls back when the first address answers with the page of an application', async () => {
    handlers = { [openid]: (response) => response.end('<!doctype html>'), [oauth]: send(document()) };
    await expect(authorize(client())).resolves.toBeDefined();
  });

  test('puts the well-known part where an issuer with a path wants it', async () => {
    const issuer = `${server.url}/tenant`;
    handlers = { [`${oauth}/tenant`]: send(document({ issuer })) };
    await authorize(client({ issuer }));
    expect(asked).toEqual([`/tenant${openid}`, `${oauth}/tenant`]);
  });

  test('lets the provider override an endpoint', async () => {
    handlers = { [openid]: send(document()) };
    const { url } = await authorize(client({ authorizationEndpoint: `${server.url}/elsewhere` }));
    expect(url.pathname).toBe('/elsewhere');
  });

  test('is not made when the endpoints are given', async () => {
    await authorize(client({ authorizationEndpoint: `${server.url}/a`, tokenEndpoint: `${server.url}/t` }));
    expect(asked).toEqual([]);
  });

  test('is not made for a callback of no sign-in', async () => {
    const transaction = { state: 's', codeVerifier: 'v', issuer: server.url, redirectUrl: 'https://app.example/cb' };
    const forged = new URL('https://app.example/cb?state=x&code=c');
    await expect(exchange(client(), transaction, forged)).rejects.toMatchObject({ code: 'E_CALLBACK' });
    expect(asked).toEqual([]);
  });

  test('remembers no failure', async () => {
    handlers = { [openid]: (response) => response.writeHead(500).end() };
    await expect(authorize(client())).rejects.toMatchObject({ code: 'E_OAUTH' });
    handlers = { [openid]: send(document()) };
    await expect(authorize(client())).resolves.toBeDefined();
  });

  test.for<[string, () => typeof handlers, object]>([
    ['there is no document', () => ({}), { code: 'E_CONFIG' }],
    [
      'the document is of another issuer',
      () => ({ [openid]: send(document({ issuer: `https://${marker}` })) }),
      { code: 'E_CONFIG' },
    ],
    ['the document is no JSON', () => ({ [openid]: (response) => response.end(marker) }), { code: 'E_CONFIG' }],
    [
      'the document names no token endpoint',
      () => ({ [openid]: send(document({ token_endpoint: undefined })) }),
      { code: 'E_CONFIG' },
    ],
    [
      'an endpoint is not secure',
      () => ({ [openid]: send(document({ token_endpoint: 'http://server.example' })) }),
      { code: 'E_CONFIG' },
    ],
    [
      'an endpoint is a script',
      () => ({ [openid]: send(document({ authorization_endpoint: `javascript:${marker}` })) }),
      { code: 'E_CONFIG' },
    ],
    [
      'the document is somewhere else',
      () => ({ [openid]: (response) => response.writeHead(302, { location: `/${marker}` }).end() }),
      { code: 'E_CONFIG' },
    ],
    [
      'the server is busy',
      () => ({ [openid]: (response) => response.writeHead(503, { 'retry-after': '5' }).end(marker) }),
      { code: 'E_OAUTH', oauthError: 'temporarily_unavailable', retryAfterMs: 5000 },
    ],
    [
      'the server hangs up',
      () => ({ [openid]: (response) => response.socket?.resetAndDestroy() }),
      { code: 'E_NETWORK' },
    ],
    ['the server is silent', () => ({ [openid]: () => {} }), { code: 'E_NETWORK' }],
  ])('fails and says what to set when %s', async ([, handle, failure]) => {
    handlers = handle();
    expect(await silentFailure(authorize(client(), { timeoutMs: 500 }))).toMatchObject(failure);
  });
});
