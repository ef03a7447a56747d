import { generateKeyring } from 'tokenkeep';
import { startHttpServer } from '../../scripts/local/http-server.ts';
import { bundledModule } from '../support/bundled-module.ts';
import { fetchOverHttp } from '../support/fetch-over-http.ts';
import { startIsolates } from '../support/start-isolates.ts';
import { StrictAuthorizationServer } from '../support/strict-authorization-server.ts';

/** The worker with the page of `profile-page.ts`, and the authorization server behind it. */
export interface ProfileSite {
  readonly origin: string;
  /** Ends the user's tokens and sessions, as the administration does. */
  revokeUser(): Promise<void>;
  close(): Promise<void>;
}

const secret = 'sentinel-secret-of-the-administration';
const clientSecret = 'sentinel-client-secret-of-this-site';
const html = '<!doctype html><title>profile</title><script type="module" src="/page.js"></script>';

/** Starts everything on this machine. Whoever comes to sign in is signed in as this user. */
export async function startProfileSite(user: string): Promise<ProfileSite> {
  let server: StrictAuthorizationServer;
  const answer = async (request: Request): Promise<Response> =>
    new URL(request.url).pathname === '/authorize'
      ? new Response(null, { status: 302, headers: { Location: server.authorize(request.url, { user }).href } })
      : server.fetch(request);
  const http = await startHttpServer({}, fetchOverHttp(answer));
  const bindings = {
    OAUTH_ISSUER: http.url,
    OAUTH_CLIENT_ID: 'worker',
    OAUTH_CLIENT_SECRET: clientSecret,
    API_ORIGIN: http.url,
    TOKENKEEP_KEYRING: await generateKeyring(),
    TOKENKEEP_ADMIN_SECRET: secret,
  };
  const files = { '/': html, '/page.js': await bundledModule('test/e2e/profile-page.ts') };
  const { urls, dispose } = await startIsolates('worker/index.ts', 1, bindings, files);
  const origin = `http://localhost:${urls[0]?.port}`; // an address of numbers can have no passkeys
  const client = { clientId: 'worker', clientSecret, redirectUrl: `${origin}/auth/callback` };
  server = new StrictAuthorizationServer({ issuer: http.url, client });
  return {
    origin,
    async revokeUser() {
      const init = { method: 'POST', headers: { Authorization: `Bearer ${secret}` }, body: JSON.stringify({ user }) };
      const response = await fetch(`${origin}/admin/revoke-user`, init);
      if (!response.ok) throw new Error(`the administration answered ${response.status}`);
    },
    async close() {
      await dispose();
      await http.close();
    },
  };
}
