import type { Context } from 'hono';
import type { Edge } from './edge.ts';
import { isOwnToken } from './is-own-token.ts';
import { readSession } from './session-cookie.ts';

/**
 * What `GET /auth/session` answers. Never a token. `expiresAt` is when the access token expires, `sessionExpiresAt` when
 * the session does, both in epoch milliseconds; fields that nobody knows are missing.
 */
export type SessionAnswer =
  | { readonly signedIn: false }
  | {
      readonly signedIn: true;
      readonly user?: string;
      readonly scope?: string;
      readonly expiresAt?: number;
      readonly sessionExpiresAt: number;
    };

/** `GET /auth/session`: who is signed in. */
export async function session(c: Context, edge: Edge): Promise<Response> {
  const current = await readSession(c, edge.options);
  const token = current && (await edge.store.findTokenById(current.tokenId));
  if (current === undefined || token === undefined || !isOwnToken(edge, token))
    return c.json<SessionAnswer>({ signedIn: false });
  return c.json<SessionAnswer>({
    signedIn: true,
    ...(token.userName !== undefined && { user: token.userName }),
    ...(token.scope !== undefined && { scope: token.scope }),
    ...(token.expiresAt !== undefined && { expiresAt: token.expiresAt }),
    sessionExpiresAt: current.expiresAt,
  });
}
