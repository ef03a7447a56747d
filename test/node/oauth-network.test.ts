import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../scripts/local/http-server.ts';
import { exchange, type OAuthClient, type OAuthOptions, refresh, revoke } from '../../src/oauth/index.ts';
import { marker, silentFailure } from './oauth-leaks.ts';

const open: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function clientOf(handle: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<OAuthClient> {
  const server = await startHttpServer({}, handle);
  open.push(server);
  const at = (path: string) => `${server.url}/${path}?hint=${marker}`;
  const provider = {
    issuer: server.url,
    authorizationEndpoint: at('auth'),
    tokenEndpoint: at('token'),
    revocationEndpoint: at('revoke'),
  };
  return { provider, clientId: 'client', redirectUrl: 'https://app.example/cb', scope: [] };
}

const token = { accessToken: marker, refreshToken: marker };
const transaction = { state: 's', codeVerifier: marker.padEnd(43, 'x'), redirectUrl: 'https://app.example/cb' };
const verbs: [string, (client: OAuthClient, options: OAuthOptions) => Promise<unknown>][] = [
  ['refresh', (client, options) => refresh(client, token, options)],
  ['revoke', (client, options) => revoke(client, token, options)],
  [
    'exchange',
    (client, options) => {
      const url = new URL(`https://app.example/cb?state=s&code=${marker}`);
      return exchange(client, { ...transaction, issuer: client.provider.issuer }, url, options);
    },
  ],
];

describe.for(verbs)('When the server cannot be reached, %s', ([, verb]) => {
  test('gives up on a server that never answers', async () => {
    const client = await clientOf(() => {});
    const failure = { code: 'E_NETWORK', message: expect.stringContaining('50 ms') };
    expect(await silentFailure(verb(client, { timeoutMs: 50 }))).toMatchObject(failure);
  });

  test('gives up on an answer that never ends', async () => {
    const client = await clientOf((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write(`{"access_token":"${marker}",`);
    });
    expect(await silentFailure(verb(client, { timeoutMs: 200 }))).toMatchObject({ code: 'E_NETWORK' });
  });

  test('reports a connection that is cut before the answer', async () => {
    const client = await clientOf((request) => request.socket.resetAndDestroy());
    expect(await silentFailure(verb(client, {}))).toMatchObject({ code: 'E_NETWORK' });
  });

  test('reports a connection that is cut within the answer', async () => {
    const client = await clientOf(async (request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write(`{"access_token":"${marker}"`, () => {
        request.socket.resetAndDestroy();
      });
    });
    expect(await silentFailure(verb(client, {}))).toMatchObject({ code: 'E_NETWORK' });
  });

  test('reports a server that is not there', async () => {
    const client = await clientOf(() => {});
    await open.pop()?.close();
    expect(await silentFailure(verb(client, {}))).toMatchObject({ code: 'E_NETWORK' });
  });

  test("ends with the caller's signal, and the server sees the connection close", async () => {
    const controller = new AbortController();
    let closed: Promise<unknown> | undefined;
    const client = await clientOf((request) => {
      closed = once(request.socket, 'close');
      controller.abort(new Error(marker));
    });
    expect(await silentFailure(verb(client, { signal: controller.signal }))).toMatchObject({ code: 'E_NETWORK' });
    await closed;
  });

  test('sends nothing for a signal that was given before', async () => {
    let requests = 0;
    const client = await clientOf((_request, response) => {
      requests += 1;
      response.end();
    });
    expect(await silentFailure(verb(client, { signal: AbortSignal.abort(new Error(marker)) }))).toMatchObject({
      code: 'E_NETWORK',
    });
    expect(requests).toBe(0);
  });
});
