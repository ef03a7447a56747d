import type { Context } from 'hono';
import { proxy } from 'hono/proxy';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { apiUrl } from './api-url.ts';
import type { Edge } from './edge.ts';
import { forwardedHeaders } from './forwarded-headers.ts';
import { refuseWithJson } from './refuse.ts';
import { returnedHeaders } from './returned-headers.ts';
import { usableToken } from './usable-token.ts';

/** `/api/*`: forwards a page's request to the API with the access token of its session. Bodies are streamed both ways. */
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
  const { tokenType, accessToken } = await usableToken(c, edge);
  const headers = forwardedHeaders(c.req.raw.headers);
  headers.set('Authorization', `${tokenType} ${accessToken}`);
  const answer = await send(edge, target, new Request(c.req.raw, { headers }));
  const { status, statusText, body } = answer;
  const returned = returnedHeaders(answer.headers);
  const location = returned.get('Location');
  if (location !== null) returned.set('Location', ownLocation(location, target, api, mount));
  return new Response(body, { status, statusText, headers: returned });
}

async function send(edge: Edge, target: URL, raw: Request): Promise<Response> {
  const { fetch = globalThis.fetch } = edge.options;
  try {
    // Redirects are the page's to follow: following one here would carry the token to wherever it points.
    return await proxy(target, { raw, redirect: 'manual', customFetch: (request) => fetch(request) });
  } catch {
    throw new TokenkeepError('E_NETWORK', 'the API could not be reached; try again');
  }
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
