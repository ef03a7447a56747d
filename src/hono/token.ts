import type { Context } from 'hono';
import type { Edge } from './edge.ts';
import { usableToken } from './usable-token.ts';

/** `POST /auth/token`: a short-lived access token for the page. The refresh token never leaves. */
export async function token(c: Context, edge: Edge): Promise<Response> {
  return c.json(await usableToken(c, edge));
}
