import type { Context } from 'hono';
import { proxy } from 'hono/proxy';
import type { AccessOutcome } from '../core/access-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { TokenSource } from '../manager/token-source.ts';
import { apiUrl } from './api-url.ts';
import type { Edge } from './edge.ts';
import { edgeSource, outcomeHeader } from './edge-source.ts';
import { forwardedHeaders } from './forwarded-headers.ts';
import { refuseWithJson } from './refuse.ts';
import { returnedHeaders } from './returned-headers.ts';
import { requireSession } from './session-cookie.ts';

/**
 * `/api/*`: forwards a page's request to the API with the access token of its session. Bodies are streamed both ways and
 * never kept, so that a request with one is sent once; any other is sent again with a renewed token when the API answers 401.
 */
export async function apiProxy(c: Context, edge: Edge): Promise<Response> {
  const { api } = edge.options;
  if (api === undefined) {
    return refuseWithJson(c, { status: 404, code: 'E_CONFIG', message: 'no API is configured here; set api' });
  }
  const mount = `${edge.base}/api`;
  const { pathname, search } = new URL(c.req.url);
  const target = pathname.startsWith(`${mount}/`) ? apiUrl(api, pathname.slice(mount.length), search) : undefined;
  if (target === undefined) {
    throw new TokenkeepError('E_INPUT', 'this path could be read as another one; ask for a plain path');
  }
  const { tokenId } = await requireSession(c, edge);
  const sent: { outcome?: AccessOutcome } = {};
  const source = edgeSource(edge, tokenId, ({ outcome }) => {
    sent.outcome = outcome;
  });
  const headers = forwardedHeaders(c.req.raw.headers);
  const answer = await send(source, target, new Request(c.req.raw, { headers }));
  const { status, statusText, body } = answer;
  const returned = returnedHeaders(answer.headers);
  const location = returned.get('Location');
  if (location !== null) returned.set('Location', ownLocation(location, target, api, mount));
  if (sent.outcome !== undefined) returned.set(outcomeHeader, sent.outcome);
  return new Response(body, { status, statusText, headers: returned });
}

async function send(source: TokenSource, target: URL, raw: Request): Promise<Response> {
  try {
    // Redirects are the page's to follow: following one here would carry the token to wherever it points.
    const customFetch = (request: Request): Promise<Response> => source.fetch(request.url, onceOnly(request));
    return await proxy(target, { raw, redirect: 'manual', customFetch });
  } catch (error) {
    if (error instanceof TokenkeepError) throw error;
    throw new TokenkeepError('E_NETWORK', 'the API could not be reached; try again');
  }
}

/** The request in parts: of a whole one the source would keep a copy of the body, however long, to send it again. */
function onceOnly({ method, headers, body, redirect, signal }: Request): RequestInit {
  return { method, headers, redirect, signal, ...(body && { body, duplex: 'half' }) };
}

/** A redirect within the API leads back through the proxy; any other leaves as it is, and without the token. */
function ownLocation(location: string, target: URL, api: string, mount: string): string {
  if (!URL.canParse(location, target.href)) return location;
  const url = new URL(location, target.href);
  const { origin, pathname } = new URL(api);
  const base = pathname.replace(/\/+$/, '');
  const within = url.origin === origin && url.pathname.startsWith(`${base}/`);
  return within ? `${mount}${url.pathname.slice(base.length)}${url.search}${url.hash}` : url.href;
}
