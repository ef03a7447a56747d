import { env } from 'cloudflare:workers';
import { Hono } from 'hono';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import type { EdgeOptions } from '../../src/hono/edge-options.ts';
import { tokenkeep } from '../../src/hono/tokenkeep.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { ProtectedApi } from '../support/protected-api.ts';
import { StrictAuthorizationServer } from '../support/strict-authorization-server.ts';
import { TestBrowser } from '../support/test-browser.ts';

export const origin = 'https://app.example';
export const issuer = 'https://login.example';
export const api = 'https://api.example/v2';

/** An app with the tokenkeep routes, the servers it talks to, and the time. */
export interface EdgeSetup {
  readonly app: Hono;
  readonly options: EdgeOptions;
  readonly server: StrictAuthorizationServer;
  readonly api: ProtectedApi;
  readonly store: EncryptedTokenStore;
  /** Everything that a request left running. */
  readonly left: Promise<unknown>[];
  /** Moves the clock, in milliseconds. */
  wait(ms: number): void;
  /** Lets every token be renewed at once again: the clock of the claims is the database's, which no test moves. */
  endCooling(): Promise<void>;
  newBrowser(): TestBrowser;
  /** A browser in which the user has signed in. */
  signedIn(user?: string): Promise<TestBrowser>;
}

/** The two backends that Workers have, on the real bindings. */
export const backends: { readonly [name: string]: (now: () => number) => RecordBackend } = {
  D1: () => d1Backend(env.DB),
  KV: (now) => kvBackend(env.KV, { now }),
};

/**
 * Sets up an app of its own, with a keyring and a tenant of its own. In KV nobody can be kept from renewing at the same time,
 * so that the server does not rotate refresh tokens there.
 */
export async function setUpEdge(
  change: Partial<EdgeOptions> & { readonly kept?: 'D1' | 'KV' } = {},
): Promise<EdgeSetup> {
  const { kept = 'D1', ...others } = change;
  let late = 0;
  const now = () => Date.now() + late;
  const rotation = kept === 'KV' ? 'none' : 'strict';
  const client = { clientId: 'edge-client', clientSecret: `sentinel-client-secret-${crypto.randomUUID()}` };
  const server = new StrictAuthorizationServer({
    issuer,
    client: { ...client, redirectUrl: `${origin}/auth/callback` },
    now,
    rotation,
  });
  const protectedApi = new ProtectedApi((accessToken) => server.userOf(accessToken));
  const options: EdgeOptions = {
    backend: (backends[kept] as (now: () => number) => RecordBackend)(now),
    keyring: await generateKeyring(),
    client: { ...client, provider: { issuer, rotation }, scope: ['openid', 'offline_access'] },
    api,
    tenant: crypto.randomUUID(),
    now,
    fetch: (input, init) => {
      const request = new Request(input as Request, init);
      if (request.url.startsWith(issuer)) return server.fetch(request);
      if (request.url.startsWith(api)) return protectedApi.fetch(request);
      throw new Error(`nothing may be sent to ${request.url}`);
    },
    ...others,
  };
  const app = new Hono();
  app.route(
    '/',
    tokenkeep(() => options),
  );
  const left: Promise<unknown>[] = [];
  const context = {
    waitUntil: (work: Promise<unknown>) => void left.push(work),
    passThroughOnException() {},
    props: {},
  };
  const newBrowser = () => new TestBrowser(origin, async (request) => app.fetch(request, {}, context));
  return {
    app,
    options,
    server,
    api: protectedApi,
    left,
    store: new EncryptedTokenStore({
      backend: options.backend,
      keyring: await importKeyring(options.keyring),
      tenant: options.tenant as string,
    }),
    wait: (ms) => {
      late += ms;
    },
    endCooling: async () => {
      await env.DB.prepare('UPDATE tokenkeep_record SET retry_at = 0, claim_until = 0').run();
    },
    newBrowser,
    async signedIn(user = 'user-of-the-test') {
      const browser = newBrowser();
      const login = await browser.fetch('/auth/login');
      await browser.navigate(server.authorize(login.headers.get('Location') ?? '', { user }).href);
      return browser;
    },
  };
}
