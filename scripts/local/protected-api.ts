import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { clients } from './clients.ts';
import { startHttpServer } from './http-server.ts';

/** What to start. */
export interface ProtectedApiOptions {
  /** The local authorization server whose access tokens are accepted. */
  readonly issuer: string;
  /** Default: 0, a free one. */
  readonly port?: number;
  /** Default: `127.0.0.1`. */
  readonly host?: string;
}

/** A running API. */
export interface ProtectedApi {
  readonly url: string;
  /** How often it was called with a valid access token, and without one. */
  readonly counts: { readonly accepted: number; readonly refused: number };
  close(): Promise<void>;
}

interface Introspection {
  readonly active: boolean;
  readonly sub?: string;
  readonly client_id?: string;
  readonly exp?: number;
}

/**
 * Starts the API of the demonstration: `GET /me`, `GET /time` and `POST /echo`, for a bearer token that the
 * authorization server calls active (RFC 7662), and 401 with a challenge otherwise (RFC 6750 §3).
 */
export async function startProtectedApi(options: ProtectedApiOptions): Promise<ProtectedApi> {
  const counts = { accepted: 0, refused: 0 };
  const { url, close } = await startHttpServer(options, async (request, response) => {
    allowPages(request, response);
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const introspection = token === undefined ? undefined : await introspect(options.issuer, token);
    if (!introspection?.active) {
      counts.refused += 1;
      const challenge = token === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
      return send(response, 401, { error: 'invalid_token' }, { 'www-authenticate': challenge });
    }
    counts.accepted += 1;
    return serve(request, response, introspection);
  });
  return { url, counts, close };
}

async function serve(request: IncomingMessage, response: ServerResponse, token: Introspection): Promise<void> {
  switch (`${request.method} ${request.url?.split('?')[0]}`) {
    case 'GET /me':
      return send(response, 200, { name: token.sub, client: token.client_id, expiresAt: (token.exp ?? 0) * 1000 });
    case 'GET /time':
      return send(response, 200, { time: new Date().toISOString() });
    case 'POST /echo':
      return send(response, 200, { name: token.sub, echo: await text(request) });
    default:
      return send(response, 404, { error: 'not_found' });
  }
}

async function introspect(issuer: string, token: string): Promise<Introspection> {
  const { id, secret } = clients.api;
  const response = await fetch(`${issuer}/token/introspection`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
    body: new URLSearchParams({ token }),
  });
  return response.ok ? response.json() : { active: false };
}

/** A bearer token is no cookie: any origin may send one. */
function allowPages(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', 'authorization, content-type');
  response.setHeader('access-control-allow-methods', 'GET, POST');
  response.setHeader('access-control-expose-headers', 'www-authenticate');
  if (request.method === 'OPTIONS') response.setHeader('access-control-max-age', '600');
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}
