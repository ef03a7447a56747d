/// <reference path="./oidc-provider.d.ts" />
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';
import { startHttpServer } from './http-server.ts';
import { interaction } from './interaction.ts';
import { type Memory, memoryAdapter } from './memory-adapter.ts';
import { type ServerSettings, serverSettings } from './server-settings.ts';

/** What to start. */
export interface AuthorizationServerOptions extends ServerSettings {
  /** Default: 0, a free one. */
  readonly port?: number;
  /** Default: `127.0.0.1`. */
  readonly host?: string;
  /** How long an access token lives, in seconds. Default: 300. */
  readonly accessTokenTtl?: number;
  /** Awaited before each call of the token endpoint is processed. */
  readonly beforeTokenRequest?: () => void | Promise<void>;
}

/** What has happened at the server since it started. */
export interface ServerCounts {
  /** Calls of the token endpoint, whatever became of them. */
  tokenRequests: number;
  /** Codes redeemed. */
  exchanges: number;
  /** Refresh tokens redeemed. */
  refreshes: number;
  /** Calls of the token endpoint that were refused. */
  refusals: number;
  /** Calls of the revocation endpoint that were answered with 200. */
  revocations: number;
  /** Grants the server ended by itself, because a code or refresh token was used twice. */
  revokedGrants: number;
}

/** A running server. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly counts: Readonly<ServerCounts>;
  /** Sets how long access tokens live that are issued from now on, in seconds. */
  setAccessTokenTtl(seconds: number): void;
  /** Makes the server forget all access tokens, so that the API refuses them while refresh tokens still work. */
  forgetAccessTokens(): void;
  close(): Promise<void>;
}

/**
 * Starts a real OAuth 2 and OpenID Connect server on this machine: PKCE, refresh tokens that rotate unless told otherwise and
 * whose reuse ends the grant, revocation, introspection, `iss` in callbacks. It keeps everything in memory.
 */
export async function startAuthorizationServer(options: AuthorizationServerOptions): Promise<AuthorizationServer> {
  const counts: ServerCounts = {
    tokenRequests: 0,
    exchanges: 0,
    refreshes: 0,
    refusals: 0,
    revocations: 0,
    revokedGrants: 0,
  };
  const memory: Memory = new Map();
  let accessTokenTtl = options.accessTokenTtl ?? 300;
  // The issuer holds the port, so that the server listens before there is anything to answer with.
  let handle = (_request: IncomingMessage, response: ServerResponse): unknown => response.writeHead(503).end();
  const { url: issuer, close } = await startHttpServer(options, (request, response) => handle(request, response));
  const provider = new Provider(issuer, {
    ...(await serverSettings(options)),
    adapter: memoryAdapter(memory),
    ttl: {
      AccessToken: () => accessTokenTtl,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
  });
  provider.on('grant.success', (context: { oidc: { params: { grant_type: string } } }) => {
    counts[context.oidc.params.grant_type === 'refresh_token' ? 'refreshes' : 'exchanges'] += 1;
  });
  provider.on('grant.error', () => {
    counts.refusals += 1;
  });
  provider.on('grant.revoked', (context: { path: string }) => {
    if (context.path === '/token') counts.revokedGrants += 1;
  });
  const answer = provider.callback();
  handle = async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', issuer);
    if (pathname.startsWith('/interaction/')) return interaction(provider, request, response);
    if (request.method === 'POST' && pathname === '/token') {
      counts.tokenRequests += 1;
      await options.beforeTokenRequest?.();
    }
    if (request.method === 'POST' && pathname === '/token/revocation') {
      response.once('finish', () => {
        if (response.statusCode === 200) counts.revocations += 1;
      });
    }
    return answer(request, response);
  };
  return {
    issuer,
    counts,
    setAccessTokenTtl: (seconds) => {
      accessTokenTtl = seconds;
    },
    forgetAccessTokens: () => {
      for (const key of memory.keys()) if (key.startsWith('AccessToken:')) memory.delete(key);
    },
    close,
  };
}
