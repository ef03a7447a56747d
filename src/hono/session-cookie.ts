import type { Context } from 'hono';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { type Edge, openEdge } from './edge.ts';
import type { EdgeOptions } from './edge-options.ts';
import { type CookieKind, clearCookie, openSealedCookie, setSealedCookie } from './sealed-cookie.ts';
import type { KeptSession, Session } from './session-store.ts';

// Strict: no other site can make the browser send it, not even by a link. The page that follows a sign-in is still asked
// for without it, because the redirect began elsewhere; what that page then fetches carries it.
const kind: CookieKind = { name: '__Host-tokenkeep-session', collection: 'session-cookie', sameSite: 'Strict' };

/**
 * The session of a request, for handlers of your own beside the {@link tokenkeep} routes. Takes one read of the backend, and
 * counts as a use of the session.
 *
 * @param options the same options as those routes have.
 * @returns `undefined` when the request carries no session, one that has ended, one of another server or client, or one
 * that was altered. A session whose token was deleted elsewhere is still one: `findTokenById` of the store tells.
 * @throws `E_KEYRING` when the keyring setting is missing or malformed; `E_STORAGE` when the database fails.
 */
export async function readSession(c: Context, options: EdgeOptions): Promise<Session | undefined> {
  const session = await currentSession(c, await openEdge(c, options));
  if (session === undefined) return undefined;
  // no more than what its type tells: a handler may log or answer it, and what is kept may hold the half of a key
  const { id, tokenId, startedAt, lastSeenAt, expiresAt } = session;
  return { id, tokenId, startedAt, lastSeenAt, expiresAt };
}

/** {@link readSession} where everything is open already. */
export async function currentSession(c: Context, edge: Edge): Promise<Session | undefined> {
  const session = await storedSession(c, edge);
  if (session !== undefined) edge.keepRunning(edge.sessions.touch(session));
  return session;
}

/** {@link currentSession} without counting as a use, for a request that is about to end it. */
export async function storedSession(c: Context, edge: Edge): Promise<KeptSession | undefined> {
  const id = await sessionIdOf(c, edge);
  const session = id === undefined ? undefined : await edge.sessions.read(id);
  // mounts of one host share the cookie: without this a user of one would show its server's token to the API of another
  const { provider, clientId } = edge.client;
  return session?.issuer === provider.issuer && session.clientId === clientId ? session : undefined;
}

/**
 * The session of a request that needs one.
 *
 * @throws `E_REAUTH` when there is none.
 */
export async function requireSession(c: Context, edge: Edge): Promise<Session> {
  const session = await currentSession(c, edge);
  if (session === undefined) throw new TokenkeepError('E_REAUTH', 'nobody is signed in here; sign in first');
  return session;
}

/**
 * Starts a session, always a new one with a new cookie, and ends those that this browser had before.
 *
 * @param former the id of the one that it had when the sign-in began.
 */
export async function startSession(c: Context, edge: Edge, tokenId: string, former: string | undefined): Promise<void> {
  const { sessions, client, sessionMs } = edge;
  const { id } = await sessions.start({ tokenId, issuer: client.provider.issuer, clientId: client.clientId });
  const before = new Set([former, await sessionIdOf(c, edge)]);
  await setSealedCookie(c, edge, kind, id, sessionMs);
  for (const one of before) {
    // the sign-in has succeeded, and a former session ends by its own time-out if it cannot be ended now
    if (one !== undefined) await sessions.end(one).catch(() => undefined);
  }
}

/** Ends the session of this browser, also one whose record does not open, and makes it forget the cookie. */
export async function endSession(c: Context, edge: Edge): Promise<void> {
  const id = await sessionIdOf(c, edge);
  if (id !== undefined) await edge.sessions.end(id);
  clearCookie(c, kind);
}

/** The session's id that the browser holds; `undefined` also for a cookie of an earlier version, which held more. */
export async function sessionIdOf(c: Context, edge: Edge): Promise<string | undefined> {
  const value = await openSealedCookie(c, edge, kind);
  return typeof value === 'string' ? value : undefined;
}
