import type { Context } from 'hono';
import type { ReauthRequired } from '../core/oauth-token.ts';
import { isOwnToken } from '../oauth/is-own-token.ts';
import type { Edge } from './edge.ts';
import { currentSession } from './session-cookie.ts';

/**
 * What `GET /auth/session` answers. Never a token. Instants are epoch milliseconds; fields that nobody knows are missing.
 */
export type SessionAnswer =
  | { readonly signedIn: false }
  | {
      readonly signedIn: true;
      readonly user?: string;
      readonly scope?: string;
      /** When the access token expires. */
      readonly expiresAt?: number;
      /** When the session ends if nothing more happens: the earlier of the idle and the absolute time-out. */
      readonly sessionExpiresAt: number;
      /** Why and since when the user has to sign in again: the session is there, and its token can no longer be renewed. */
      readonly reauthRequired?: ReauthRequired;
    };

/** `GET /auth/session`: who is signed in. */
export async function session(c: Context, edge: Edge): Promise<Response> {
  const current = await currentSession(c, edge);
  const token = current && (await edge.store.findTokenById(current.tokenId));
  if (current === undefined || token === undefined || !isOwnToken(edge.client, token))
    return c.json<SessionAnswer>({ signedIn: false });
  const { userName, scope, expiresAt, reauthRequired } = token;
  return c.json<SessionAnswer>({
    signedIn: true,
    ...(userName !== undefined && { user: userName }),
    ...(scope !== undefined && { scope }),
    ...(expiresAt !== undefined && { expiresAt }),
    sessionExpiresAt: current.expiresAt,
    ...(reauthRequired !== undefined && { reauthRequired }),
  });
}
