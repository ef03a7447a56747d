import type { Context } from 'hono';
import type { SavedToken } from '../core/oauth-token.ts';
import { revoke } from '../oauth/revoke.ts';
import type { Edge } from './edge.ts';
import { endSession, readSession } from './session-cookie.ts';

/** What `POST /auth/logout` answers. The message says why the server was not told, when it was not. */
export interface LogoutAnswer {
  readonly signedOut: true;
  /** Whether the authorization server was told to revoke the grant (RFC 7009), where it can be told at all. */
  readonly revoked: boolean;
  readonly message?: string;
}

/**
 * `POST /auth/logout`: deletes the token, has the server revoke it, and ends the session. Deletes first: whoever is
 * renewing the token meanwhile finds nothing to save it in, and the user is signed out whatever the server says.
 */
export async function logout(c: Context, edge: Edge): Promise<Response> {
  const session = await readSession(c, edge.options);
  if (session === undefined) return answer(c, { signedOut: true, revoked: false, message: 'nobody was signed in' });
  // a record that does not open can still be deleted
  const token = await edge.store.findTokenById(session.tokenId).catch(() => undefined);
  await edge.store.deleteToken(session.tokenId);
  return answer(c, { signedOut: true, ...(await revocation(edge, token)) });
}

async function revocation(edge: Edge, token: SavedToken | undefined): Promise<Omit<LogoutAnswer, 'signedOut'>> {
  if (token === undefined) return { revoked: false, message: 'there was no readable token left to revoke' };
  try {
    await revoke(edge.client, token, edge.oauth);
    return { revoked: true };
  } catch {
    const message = 'the authorization server did not take the revocation; the grant ends there when it expires';
    return { revoked: false, message };
  }
}

function answer(c: Context, body: LogoutAnswer): Response {
  endSession(c);
  return c.json(body);
}
