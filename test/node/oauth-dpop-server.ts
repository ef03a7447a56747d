import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';
import { type HttpServer, startHttpServer } from '../../scripts/local/http-server.ts';
import { interaction } from '../../scripts/local/interaction.ts';
import { memoryAdapter } from '../../scripts/local/memory-adapter.ts';
import { serverSettings } from '../../scripts/local/server-settings.ts';

/** Where the server lets clients be sent back to. */
export const redirectUrl = 'http://localhost:4000/auth/callback';
/** The API that the server issues tokens of its own for: JWTs, so that a test can read them. */
export const resource = 'https://api.example/v1';

/**
 * Starts a real authorization server that binds tokens to keys (RFC 9449), whose user-info endpoint is an API for them.
 *
 * @param wantsNonces whether it takes no proof without a nonce of its own.
 */
export async function startDpopServer(wantsNonces: boolean): Promise<HttpServer> {
  let handle = (_request: IncomingMessage, response: ServerResponse): unknown => response.writeHead(503).end();
  const server = await startHttpServer({}, (request, response) => handle(request, response));
  const settings = (await serverSettings({ workerRedirectUrls: [redirectUrl], pageRedirectUrls: [redirectUrl] })) as {
    readonly features: object;
  };
  const provider = new Provider(server.url, {
    ...settings,
    adapter: memoryAdapter(new Map()),
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      Grant: 600,
      IdToken: 300,
      Interaction: 60,
      RefreshToken: 600,
      Session: 600,
    },
    features: {
      ...settings.features,
      userinfo: { enabled: true },
      dPoP: {
        enabled: true,
        requireNonce: () => wantsNonces,
        ...(wantsNonces && { nonceSecret: randomBytes(32) }),
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({ scope: 'all', accessTokenFormat: 'jwt', accessTokenTTL: 300 }),
      },
    },
  });
  const answer = provider.callback();
  handle = (request, response) =>
    request.url?.startsWith('/interaction/') ? interaction(provider, request, response) : answer(request, response);
  return server;
}
