import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { readD1Migrations } from '@cloudflare/vitest-plugin';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { generateKeyring } from 'tokenkeep';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundledModule } from '../support/bundled-module.ts';
import { StrictAuthorizationServer } from '../support/strict-authorization-server.ts';
import { TestBrowser } from '../support/test-browser.ts';

const secret = 'sentinel-client-secret-of-this-test';
const closing: (() => Promise<unknown> | unknown)[] = [];
let server: StrictAuthorizationServer;
let browser: TestBrowser;
let workerUrl: URL;
/** Answers a renewal; the server holds each one back until then. */
const held: (() => void)[] = [];
const http = createServer();
const root = fileURLToPath(new URL('../..', import.meta.url));

beforeAll(async () => {
  http.on('request', async (incoming, outgoing) => {
    const { method = 'GET', url = '', headers } = incoming;
    const body = method === 'POST' ? { body: await textOf(incoming) } : {};
    const request = new Request(new URL(url, issuer), { method, headers: headers as HeadersInit, ...body });
    const answer = await server.fetch(request);
    const text = await answer.text();
    if (/grant_type=refresh_token/.test(body.body ?? '')) {
      await new Promise<void>((resolve) => {
        held.push(resolve);
        http.emit('held');
      });
    }
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  closing.push(() => http.close());
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

  const worker = new Miniflare(
    convertV4MiniflareOptions({
      modules: [{ type: 'ESModule', path: 'worker.js', contents: await bundledModule('worker/index.ts') }],
      compatibilityDate: '2026-11-01',
      host: '127.0.0.1',
      port: 0,
      cf: false,
      d1Databases: ['DB'],
      bindings: {
        OAUTH_ISSUER: issuer,
        OAUTH_CLIENT_ID: 'worker',
        OAUTH_CLIENT_SECRET: secret,
        API_ORIGIN: issuer,
        TOKENKEEP_KEYRING: await generateKeyring(),
        DEMO: 'on',
      },
    }),
  );
  workerUrl = await worker.ready;
  closing.push(() => worker.dispose());
  const db = await worker.getD1Database('DB');
  for (const { queries } of await readD1Migrations(`${root}migrations`)) {
    for (const query of queries) await db.prepare(query).run();
  }
  const redirectUrl = new URL('/auth/callback', workerUrl).href;
  server = new StrictAuthorizationServer({ issuer, client: { clientId: 'worker', clientSecret: secret, redirectUrl } });
  browser = new TestBrowser(workerUrl.origin, fetch);
}, 120_000);

afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

test('a client that hangs up in the middle of a renewal costs the user nothing', async () => {
  const login = await browser.fetch('/auth/login');
  await browser.navigate(server.authorize(login.headers.get('Location') ?? '', { user: 'user' }).href);
  await browser.fetch('/demo/expire', { method: 'POST' });

  const rotated = once(http, 'held');
  const socket = connect(Number(workerUrl.port), workerUrl.hostname);
  const { name, value } = browser.cookie('__Host-tokenkeep-session');
  socket.write(`GET /api/me HTTP/1.1\r\nHost: ${workerUrl.host}\r\nCookie: ${name}=${value}\r\n\r\n`);
  await rotated; // the server has replaced the refresh token, and only its answer knows the new one
  socket.resetAndDestroy();
  await once(socket, 'close');
  for (const answer of held) answer();

  const token = await browser.fetch('/auth/token', { method: 'POST' });
  expect([token.status, server.requests.filter((request) => request === 'POST /token refresh_token').length]).toEqual([
    200, 1,
  ]);
  expect(server.userOf(((await token.json()) as { accessToken: string }).accessToken)).toBe('user');
  expect([server.reuses, server.isGranted('user')]).toEqual([0, true]);
});

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
