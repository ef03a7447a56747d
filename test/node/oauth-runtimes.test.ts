import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { chromium } from 'playwright';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthorizationServer, startAuthorizationServer } from '../../scripts/local/authorization-server.ts';
import { clients } from '../../scripts/local/clients.ts';
import { type HttpServer, startHttpServer } from '../../scripts/local/http-server.ts';
import type { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import type * as oauth from '../../src/oauth/index.ts';
import { chromiumLaunchOptions } from '../support/chromium-launch-options.ts';
import { OAuthUser } from './oauth-user.ts';

/** Calls a verb in another runtime, where it finds nothing but that runtime's own globals. */
type Call = (verb: string, ...values: readonly unknown[]) => Promise<unknown>;
type Outcome = { value?: unknown; failure?: Pick<TokenkeepError, 'code' | 'oauthError' | 'inDoubt'> };

/** What runs there: addresses travel as text, and so does the outcome. */
const probe = `
import * as oauth from './oauth.js';
const signal = new AbortController().signal;
const verbs = {
  ...oauth,
  renewInDoubt: (client, token) => oauth.oauthRenewal(client).refresh(token, { signal, inDoubt: true }),
  async callWithKey(client, address) {
    const keyPair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    const { send } = oauth.oauthRenewal({ ...client, dpop: oauth.dpop(keyPair) });
    const request = new Request(address, { method: 'POST', body: 'the body' });
    return (await send(request, { tokenType: 'DPoP', accessToken: 'at' }, fetch)).json();
  },
};
export async function probe(verb, values) {
  const revived = values.map((value) => (typeof value === 'string' ? new URL(value) : value));
  try {
    return { value: await verbs[verb](...revived) ?? null };
  } catch ({ code, oauthError, inDoubt }) {
    return { failure: { code, oauthError, inDoubt } };
  }
}`;
const worker = `
import { probe } from './probe.js';
export default {
  async fetch(request) {
    const { verb, values } = await request.json();
    return Response.json(await probe(verb, values));
  },
};`;

let server: AuthorizationServer;
let stalling: HttpServer;
let redirecting: HttpServer;
let hiding: HttpServer;
let wantingNonces: HttpServer;
let bundle: string;

beforeAll(async () => {
  const entry = fileURLToPath(new URL('../../src/oauth/index.ts', import.meta.url));
  const options = { lib: { entry, formats: ['es' as const] }, write: false };
  const [built] = (await build({ configFile: false, logLevel: 'error', build: options })) as Rolldown.RolldownOutput[];
  bundle = built?.output[0].code ?? '';
  const redirectUrl = 'http://localhost:4000/callback';
  server = await startAuthorizationServer({ workerRedirectUrls: [redirectUrl], pageRedirectUrls: [redirectUrl] });
  stalling = await startHttpServer({}, (_request, response) => {
    response.writeHead(200, { 'access-control-allow-origin': '*' }).write('{"access_token":');
  });
  redirecting = await startHttpServer({}, (_request, response) => {
    response.writeHead(307, { 'access-control-allow-origin': '*', location: server.issuer }).end();
  });
  // Shows a page of another origin its answers to a renewal, and hides that there is an answer to anything else.
  hiding = await startHttpServer({}, (request, response) => {
    const isCall = request.method === 'POST';
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    if (isCall) response.setHeader('access-control-allow-origin', '*');
    response.writeHead(isCall ? 200 : 405, { 'content-type': 'application/json' }).end('{"access_token":"at"}');
  });
  wantingNonces = await startHttpServer({}, async (request, response) => {
    const names = 'authorization, dpop, dpop-nonce, www-authenticate';
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', names);
    response.setHeader('access-control-expose-headers', names);
    const { authorization, dpop } = request.headers;
    const body = await text(request);
    if (typeof dpop !== 'string') return response.writeHead(204).end();
    const { htm, nonce } = JSON.parse(Buffer.from(dpop.split('.')[1] ?? '', 'base64url').toString());
    const challenge = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n1' };
    response.writeHead(nonce === undefined ? 401 : 200, nonce === undefined ? challenge : {});
    return response.end(JSON.stringify({ authorization, htm, nonce, body }));
  });
});
afterAll(async () => {
  await Promise.all([server, stalling, redirecting, hiding, wantingNonces].map((one) => one.close()));
});

async function inWorkerd(): Promise<{ call: Call; close: () => Promise<void> }> {
  const module = (path: string, contents: string) => ({ type: 'ESModule' as const, path, contents });
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: 'probe',
      modules: [module('worker.js', worker), module('probe.js', probe), module('oauth.js', bundle)],
      compatibilityDate: '2026-11-01',
      cf: false,
    }),
  );
  const call: Call = async (verb, ...values) => {
    const init = { method: 'POST', body: JSON.stringify({ verb, values }) };
    return settled((await (await miniflare.dispatchFetch('http://probe/', init)).json()) as Outcome);
  };
  return { call, close: () => miniflare.dispose() };
}

async function inChromium(): Promise<{ call: Call; close: () => Promise<void> }> {
  const files = new Map([
    ['/probe.js', probe],
    ['/oauth.js', bundle],
  ]);
  const site = await startHttpServer({ host: 'localhost' }, (request, response) => {
    const script = files.get(request.url ?? '');
    response
      .writeHead(200, { 'content-type': script ? 'text/javascript' : 'text/html' })
      .end(script ?? '<!doctype html>');
  });
  const browser = await chromium.launch(chromiumLaunchOptions);
  const page = await browser.newPage();
  await page.goto(site.url);
  const call: Call = async (verb, ...values) => {
    const script = `import('/probe.js').then(({ probe }) => probe(${JSON.stringify(verb)}, ${JSON.stringify(values)})).then(JSON.stringify)`;
    return settled(JSON.parse(await page.evaluate<string>(script)));
  };
  const close = async () => {
    await browser.close();
    await site.close();
  };
  return { call, close };
}

function settled({ value, failure }: Outcome): unknown {
  if (failure) throw Object.assign(new Error('The verb failed in the other runtime'), failure);
  return value;
}

describe.for<[string, typeof inWorkerd, { id: string; secret?: string }]>([
  ['workerd without nodejs_compat', inWorkerd, clients.worker],
  ['a page in Chromium, across origins', inChromium, clients.page],
])('In %s, with the fetch of the platform', ([, start, { id, secret }]) => {
  test('the whole flow works and failures have their codes', async () => {
    const { call, close } = await start();
    try {
      const client = {
        provider: { issuer: server.issuer },
        clientId: id,
        ...(secret && { clientSecret: secret }),
        redirectUrl: 'http://localhost:4000/callback',
        scope: ['openid', 'api'],
      };
      const { url, transaction } = (await call('authorize', client)) as { url: string; transaction: oauth.Transaction };
      const callback = (await new OAuthUser().signIn(new URL(url))).href;
      const token = (await call('exchange', client, transaction, callback)) as object;
      expect(token).toMatchObject({ userName: 'alice', tokenType: 'Bearer', clientId: id });
      const refused = { code: 'E_OAUTH', oauthError: 'invalid_grant' };
      const renewed = (await call('refresh', client, token)) as object;
      expect(renewed).toMatchObject({ accessToken: expect.any(String), refreshToken: expect.any(String) });
      const { exchanges, refreshes, refusals } = server.counts;
      const again = (await call('renewInDoubt', client, renewed)) as object;
      expect(again).toMatchObject({ accessToken: expect.any(String), refreshToken: expect.any(String) });
      expect(server.counts).toMatchObject({ exchanges, refreshes: refreshes + 1, refusals });
      expect(await call('revoke', client, again)).toBeNull();
      await expect(call('refresh', client, again)).rejects.toMatchObject(refused);

      const at = (address: string) => ({ issuer: address, authorizationEndpoint: address, tokenEndpoint: address });
      const stalled = { ...client, provider: at(stalling.url) };
      await expect(call('refresh', stalled, renewed, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'E_NETWORK' });
      const moved = { ...client, provider: at(redirecting.url) };
      const notFollowed = { code: 'E_OAUTH', oauthError: 'server_error' };
      await expect(call('refresh', moved, renewed)).rejects.toMatchObject(notFollowed);
      const absent = { ...client, provider: at('http://127.0.0.1:1') };
      await expect(call('refresh', absent, renewed)).rejects.toMatchObject({ code: 'E_NETWORK' });
      const noNewDoubt = { code: 'E_NETWORK', inDoubt: false };
      await expect(call('renewInDoubt', absent, renewed)).rejects.toMatchObject(noNewDoubt);
      const hidden = { ...client, provider: at(hiding.url) };
      expect(await call('renewInDoubt', hidden, { refreshToken: 'rt' })).toMatchObject({ accessToken: 'at' });

      expect(await call('callWithKey', client, wantingNonces.url)).toEqual({
        authorization: 'DPoP at',
        htm: 'POST',
        nonce: 'n1',
        body: 'the body',
      });
    } finally {
      await close();
    }
  });
});
