import type { Context } from 'hono';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { Edge } from './edge.ts';
import { endToken } from './end-token.ts';
import { jsonBody } from './json-body.ts';
import { endSession, storedSession } from './session-cookie.ts';
import type { Session } from './session-store.ts';

/** What `POST /auth/logout` answers. */
export interface LogoutAnswer {
  readonly signedOut: true;
  /**
   * What has ended: `nothing`, since nobody was signed in; the `session` of this browser alone, since others use the same
   * token, which is kept for them; or the `token`, with every session that used it.
   */
  readonly ended: 'nothing' | 'session' | 'token';
  /** Whether the authorization server was told to revoke the grant (RFC 7009), where it can be told at all. */
  readonly revoked: boolean;
  /** Why the server was not told, when it was not. */
  readonly message?: string;
}

/**
 * `POST /auth/logout`: ends the session of this browser; the last one takes the token along, and has the server revoke it.
 * `{ "everywhere": true }` in a JSON body ends the token and every session that uses it.
 *
 * The cookie goes last: when the database fails in between, signing out can be tried again.
 */
export async function logout(c: Context, edge: Edge): Promise<Response> {
  const session = await storedSession(c, edge);
  if (session === undefined) {
    await endSession(c, edge);
    return c.json<LogoutAnswer>({ signedOut: true, ended: 'nothing', revoked: false, message: 'nobody was signed in' });
  }
  // a plain form of our own page signs out as well
  const isJson = /^application\/json\b/i.test(c.req.header('Content-Type') ?? '');
  const { everywhere = false } = isJson ? await jsonBody(c) : {};
  if (typeof everywhere !== 'boolean') throw new TokenkeepError('E_INPUT', 'everywhere is not true or false');
  if (!everywhere && (await isShared(edge, session))) {
    await endSession(c, edge);
    // of two that end at the same moment, each may have seen the other
    if (await isShared(edge, session)) {
      const message = 'other sessions use the same token; sign out everywhere to end it';
      return c.json<LogoutAnswer>({ signedOut: true, ended: 'session', revoked: false, message });
    }
  }
  const { revoked, message } = await endToken(edge, session.tokenId);
  await endSession(c, edge);
  return c.json<LogoutAnswer>({ signedOut: true, ended: 'token', revoked, ...(message !== undefined && { message }) });
}

async function isShared({ sessions }: Edge, { id, tokenId }: Session): Promise<boolean> {
  return (await sessions.ofToken(tokenId)).some((other) => other.id !== id);
}
