import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../scripts/local/http-server.ts';
import { type OAuthClient, revoke } from '../../src/oauth/index.ts';
import { marker, silentFailure } from './oauth-leaks.ts';

interface Answer {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body: string;
}

const json = { 'content-type': 'application/json' };
let server: HttpServer;
let answer: Answer;

beforeAll(async () => {
  server = await startHttpServer({}, (_request, response) => {
    response.writeHead(answer.status ?? 200, { ...json, ...answer.headers }).end(answer.body);
  });
});
afterAll(() => server.close());

function client(): OAuthClient {
  const provider = {
    issuer: server.url,
    authorizationEndpoint: `${server.url}/auth`,
    tokenEndpoint: `${server.url}/token`,
    revocationEndpoint: `${server.url}/revoke`,
  };
  return { provider, clientId: 'client', clientSecret: marker, redirectUrl: 'https://app.example/cb', scope: [] };
}

describe('A revocation over HTTP', () => {
  const revoked = (next: Answer) => {
    answer = next;
    return revoke(client(), { refreshToken: marker });
  };

  test.for<[string, Answer]>([
    ['an empty body', { body: '' }],
    ['status 204', { status: 204, body: '' }],
    ['any body', { headers: { 'content-type': 'text/plain' }, body: 'ok' }],
    ['the status of Zoho', { body: '{"status":"success"}' }],
  ])('succeeds with %s', async ([, next]) => {
    await expect(revoked(next)).resolves.toBeUndefined();
  });

  test.for<[string, Answer, string]>([
    [
      'with status 200',
      { body: JSON.stringify({ error: 'invalid_code', error_description: marker }) },
      'invalid_grant',
    ],
    [
      'with status 400',
      { status: 400, body: JSON.stringify({ error: 'unsupported_token_type' }) },
      'unsupported_token_type',
    ],
    ['with status 503', { status: 503, body: marker }, 'temporarily_unavailable'],
  ])('fails when it is refused %s', async ([, next, oauthError]) => {
    expect(await silentFailure(revoked(next))).toMatchObject({ code: 'E_OAUTH', oauthError });
  });
});
