import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { clients } from './clients.ts';
import { escapeHtml, serverPage } from './server-page.ts';

/** Where the server may send browsers back to. */
export interface RedirectUrls {
  /** Of the two confidential clients. On a loopback host any port will do (RFC 8252 §7.3). */
  readonly workerRedirectUrls: readonly string[];
  /** Of the public client, whose hosts may call the server from a page. */
  readonly pageRedirectUrls: readonly string[];
}

/** What differs between local servers. */
export interface ServerSettings extends RedirectUrls {
  /**
   * What becomes of a refresh token that was used: `strict`, another takes its place, and the grant ends when it comes again;
   * `none`, it works on. Default: `strict`.
   */
  readonly rotation?: 'strict' | 'none';
}

/** The settings of oidc-provider that are the same for every local server, with a signing key made for this one. */
export async function serverSettings(settings: ServerSettings): Promise<object> {
  const { workerRedirectUrls, pageRedirectUrls, rotation = 'strict' } = settings;
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const pageOrigins = pageRedirectUrls.map((url) => new URL(url));
  const code = {
    // The type that may have http: redirect URLs on a loopback host.
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  };
  const worker = { ...code, client_name: 'tokenkeep at the edge', redirect_uris: workerRedirectUrls };
  const secret = ({ id, secret }: { id: string; secret: string }) => ({ client_id: id, client_secret: secret });
  return {
    clients: [
      { ...worker, ...secret(clients.worker), token_endpoint_auth_method: 'client_secret_basic' },
      { ...worker, ...secret(clients.workerPost), token_endpoint_auth_method: 'client_secret_post' },
      {
        ...code,
        client_id: clients.page.id,
        client_name: 'tokenkeep in the page',
        redirect_uris: pageRedirectUrls,
        token_endpoint_auth_method: 'none',
      },
      { ...secret(clients.api), redirect_uris: [], response_types: [], grant_types: [] },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'local' }] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access', 'api'],
    pkce: { required: () => true },
    rotateRefreshToken: () => rotation === 'strict',
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    clientBasedCORS: (_context: unknown, origin: string, client: { clientId: string }) =>
      client.clientId === clients.page.id &&
      pageOrigins.some(({ hostname }) => URL.parse(origin)?.hostname === hostname),
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      introspection: {
        enabled: true,
        allowedPolicy: (_context: unknown, client: { clientId: string }) => client.clientId === clients.api.id,
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_context: unknown, client: { clientId: string }, token: { clientId: string }) =>
          token.clientId === client.clientId,
      },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
    renderError: (
      context: { body: string; set(headers: object): void },
      { error, error_description }: Record<string, string>,
    ) => {
      const reason = escapeHtml(`${error_description ?? error}`);
      const { html, headers } = serverPage(
        'That did not work',
        `<p>${reason}</p><p>Go back to the application and try again.</p>`,
      );
      context.body = html;
      context.set(headers);
    },
  };
}
