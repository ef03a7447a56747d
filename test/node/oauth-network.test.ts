import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../scripts/local/http-server.ts';
import { exchange, type OAuthClient, type OAuthOptions, refresh, revoke } from '../../src/oauth/index.ts';
import { marker, silentFailure } from './oauth-leaks.ts';

let selfSigned: string;
let secureServer: Miniflare;
beforeAll(async () => {
  const script = 'export default { fetch: () => new Response() }';
  const modules = [{ type: 'ESModule' as const, path: 'worker.js', contents: script }];
  const settings = { name: 'secure', modules, compatibilityDate: '2026-11-01', cf: false as const, https: true };
  secureServer = new Miniflare(convertV4MiniflareOptions(settings));
  selfSigned = (await secureServer.ready).href;
});
afterAll(() => secureServer.dispose());

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
    const failure = { code: 'E_NETWORK', inDoubt: true, message: expect.stringContaining('50 ms') };
    expect(await silentFailure(verb(client, { timeoutMs: 50 }))).toMatchObject(failure);
  });

  test('gives up on an answer that never ends', async () => {
    const client = await clientOf((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write(`{"access_token":"${marker}",`);
    });
    expect(await silentFailure(verb(client, { timeoutMs: 200 }))).toMatchObject({ code: 'E_NETWORK', inDoubt: true });
  });

  test('reports a connection that is cut before the answer', async () => {
    const client = await clientOf((request) => request.socket.resetAndDestroy());
    expect(await silentFailure(verb(client, {}))).toMatchObject({ code: 'E_NETWORK', inDoubt: true });
  });

  test('reports a connection that is cut within the answer', async () => {
    const client = await clientOf(async (request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write(`{"access_token":"${marker}"`, () => {
        request.socket.resetAndDestroy();
      });
    });
    expect(await silentFailure(verb(client, {}))).toMatchObject({ code: 'E_NETWORK', inDoubt: true });
  });

  test('reports a server that is not there', async () => {
    const client = await clientOf(() => {});
    await open.pop()?.close();
    expect(await silentFailure(verb(client, {}))).toMatchObject({ code: 'E_NETWORK', inDoubt: false });
  });

  test("ends with the caller's signal, and the server sees the connection close", async () => {
    const controller = new AbortController();
    let closed: Promise<unknown> | undefined;
    const client = await clientOf((request) => {
      closed = once(request.socket, 'close');
      controller.abort(new Error(marker));
    });
    const failure = await silentFailure(verb(client, { signal: controller.signal }));
    expect(failure).toMatchObject({ code: 'E_NETWORK', inDoubt: true });
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
      inDoubt: false,
    });
    expect(requests).toBe(0);
  });

  test('knows that nothing went to a server whose certificate is not accepted', async () => {
    const client = await clientOf(() => {});
    const provider = { ...client.provider, tokenEndpoint: selfSigned, revocationEndpoint: selfSigned };
    const failure = await silentFailure(verb({ ...client, provider }, {}));
    expect(failure).toMatchObject({ code: 'E_NETWORK', inDoubt: false });
  });

  test('knows that nothing was sent when the server could not be looked up', async () => {
    const server = await startHttpServer({}, (request) => request.socket.resetAndDestroy());
    open.push(server);
    const client = await clientOf(() => {});
    const failure = await silentFailure(verb({ ...client, provider: { issuer: server.url } }, {}));
    expect(failure).toMatchObject({ code: 'E_NETWORK', inDoubt: false });
  });
});
