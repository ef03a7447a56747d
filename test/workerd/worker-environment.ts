import { env as bindings } from 'cloudflare:workers';
import { generateKeyring } from 'tokenkeep';
import { vi } from 'vitest';
import type { Env } from '../../worker/env.ts';
import { ProtectedApi } from '../support/protected-api.ts';
import { StrictAuthorizationServer } from '../support/strict-authorization-server.ts';
import type { TestBrowser } from '../support/test-browser.ts';

export const origin = 'https://app.example';
export const issuer = 'https://login.example';
export const api = 'https://api.example';
export const clientSecret = 'sentinel-client-secret-of-the-worker';
export const keyring: string = await generateKeyring();

/** Puts an authorization server and an API where the worker's global `fetch` finds them, until the stubs are taken away. */
export function stubServers(): StrictAuthorizationServer {
  const client = { clientId: 'worker', clientSecret, redirectUrl: `${origin}/auth/callback` };
  const server = new StrictAuthorizationServer({ issuer, client });
  const protectedApi = new ProtectedApi((accessToken) => server.userOf(accessToken));
  vi.stubGlobal('fetch', (input: Request | string, init?: RequestInit) => {
    const request = new Request(input, init);
    return request.url.startsWith(issuer) ? server.fetch(request) : protectedApi.fetch(request);
  });
  return server;
}

/** The worker's environment in production, with the page's files. */
export function environment(change: Partial<Record<keyof Env, unknown>> = {}): Env {
  const files: Record<string, string> = { '/': '<!doctype html><title>page</title>', '/assets/page.js': 'export {};' };
  const ASSETS = {
    async fetch({ url }: Request) {
      const file = files[new URL(url).pathname];
      return new Response(file ?? 'no such file', { status: file === undefined ? 404 : 200, headers: { ETag: '"1"' } });
    },
  };
  const { DB, KV } = bindings;
  const settings = {
    DB,
    KV,
    ASSETS,
    TOKENKEEP_KEYRING: keyring,
    OAUTH_ISSUER: issuer,
    OAUTH_CLIENT_ID: 'worker',
    OAUTH_CLIENT_SECRET: clientSecret,
    API_ORIGIN: api,
    ...change,
  };
  return settings as unknown as Env;
}

/** Signs a user in, at the server and in the browser. */
export async function signIn(server: StrictAuthorizationServer, browser: TestBrowser): Promise<void> {
  const login = await browser.fetch('/auth/login');
  await browser.navigate(server.authorize(login.headers.get('Location') ?? '', { user: 'user-of-the-worker' }).href);
}
