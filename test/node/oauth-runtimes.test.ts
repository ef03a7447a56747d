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
type Outcome = { value?: unknown; failure?: Pick<TokenkeepError, 'code' | 'oauthError'> };

/** What runs there: addresses travel as text, and so does the outcome. */
const probe = `
import * as oauth from './oauth.js';
export async function probe(verb, values) {
  const revived = values.map((value) => (typeof value === 'string' ? new URL(value) : value));
  try {
    return { value: await oauth[verb](...revived) ?? null };
  } catch ({ code, oauthError }) {
    return { failure: { code, oauthError } };
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
});
afterAll(async () => {
  await Promise.all([server.close(), stalling.close(), redirecting.close()]);
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
      expect(await call('revoke', client, renewed)).toBeNull();
      await expect(call('refresh', client, renewed)).rejects.toMatchObject(refused);

      const at = (address: string) => ({ issuer: address, authorizationEndpoint: address, tokenEndpoint: address });
      const stalled = { ...client, provider: at(stalling.url) };
      await expect(call('refresh', stalled, renewed, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'E_NETWORK' });
      const moved = { ...client, provider: at(redirecting.url) };
      const notFollowed = { code: 'E_OAUTH', oauthError: 'server_error' };
      await expect(call('refresh', moved, renewed)).rejects.toMatchObject(notFollowed);
      const absent = { ...client, provider: at('http://127.0.0.1:1') };
      await expect(call('refresh', absent, renewed)).rejects.toMatchObject({ code: 'E_NETWORK' });
    } finally {
      await close();
    }
  });
});
