import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../scripts/local/http-server.ts';
import type { AccessToken } from '../../src/core/access-token.ts';
import { dpop as boundTo } from '../../src/oauth/dpop.ts';
import { oauthRenewal } from '../../src/oauth/index.ts';
import { newKeyPair } from '../unit/oauth-proof.ts';
import { page } from '../unit/oauth-server.ts';

const token: AccessToken = { id: 'id', revision: 1, accessToken: 'at', tokenType: 'DPoP', outcome: 'fresh' };
const challenge = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n1' };

let api: HttpServer | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

/** Sends a request with a bound token to an API over HTTP. */
async function send(
  init: RequestInit & { readonly duplex?: 'half' },
  handle: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<Response> {
  api = await startHttpServer({}, handle);
  const renewal = oauthRenewal({ ...page, dpop: boundTo(await newKeyPair()) });
  return (await renewal.send?.(new Request(api.url, init), token, fetch)) as Response;
}

/** A body whose second half waits for the test. */
function halves(second: Promise<unknown>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode('first, ')),
    pull: async (controller) => {
      await second;
      controller.enqueue(encoder.encode('second'));
      controller.close();
    },
  });
}

describe('With a token that is bound to a key', () => {
  test('an answer is read while the API is still writing it', async () => {
    const { promise: read, resolve } = Promise.withResolvers<void>();
    const response = await send({}, async (_request, response) => {
      response.write('first, ');
      await read;
      response.end('second');
    });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('first, ');
    resolve();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('second');
    expect((await reader.read()).done).toBe(true);
  });

  test('a body is sent while it is still being made', async () => {
    const { promise: received, resolve } = Promise.withResolvers<void>();
    const init = { method: 'POST', body: halves(received), duplex: 'half' as const };
    const response = await send(init, async (request, response) => {
      request.once('data', resolve);
      response.end(await text(request));
    });
    expect(await response.text()).toBe('first, second');
  });

  test('a body that can be read only once is whole in the second request too', async () => {
    const bodies: string[] = [];
    const init = { method: 'POST', body: halves(Promise.resolve()), duplex: 'half' as const };
    const response = await send(init, async (request, response) => {
      bodies.push(await text(request));
      response.writeHead(bodies.length === 1 ? 401 : 200, bodies.length === 1 ? challenge : {}).end();
    });
    expect(response.status).toBe(200);
    expect(bodies).toEqual(['first, second', 'first, second']);
  });

  test('a body is not kept when the answer has come', async () => {
    const { promise: released, resolve } = Promise.withResolvers<void>();
    const body = new ReadableStream({ cancel: () => resolve() });
    const { send } = oauthRenewal({ ...page, dpop: boundTo(await newKeyPair()) });
    const request = new Request('https://api.example/', { method: 'POST', body, duplex: 'half' } as RequestInit);
    await send?.(request, token, async (sent) => {
      void (sent as Request).body?.cancel();
      return new Response();
    });
    await released;
  });

  test('a body that is asked for twice may still be on its way when the API refuses the proof', async () => {
    let requests = 0;
    const { promise: refused, resolve } = Promise.withResolvers<void>();
    const init = { method: 'POST', body: halves(refused), duplex: 'half' as const };
    const response = await send(init, async (request, response) => {
      requests += 1;
      if (requests > 1) return response.end(await text(request));
      response.writeHead(401, challenge).end();
      return resolve();
    });
    expect([response.status, await response.text()]).toEqual([200, 'first, second']);
  });
});
