import type { Context } from 'hono';
import { type Bytes, equalBytes } from '../core/bytes.ts';
import { refuseWithJson } from './refuse.ts';
import type { EdgeRoute } from './serve.ts';

/** A route for whoever knows the secret. Pages of other origins cannot send it: there is no CORS, and cookies count for nothing. */
export function forAdministrator(route: EdgeRoute, secretOf: (c: Context) => string): EdgeRoute {
  return async (c, edge) => {
    const given = /^Bearer +(.+)$/i.exec(c.req.header('Authorization') ?? '')?.[1] ?? '';
    // digests have the same length, and comparing them tells nothing about where two secrets differ
    const [left, right] = await Promise.all([digest(given), digest(secretOf(c))]);
    if (equalBytes(left, right)) return route(c, edge);
    const message = 'send the administration’s secret as a bearer token';
    c.header('WWW-Authenticate', 'Bearer');
    return refuseWithJson(c, { status: 401, code: 'E_UNAUTHORIZED', message });
  };
}

async function digest(text: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}
