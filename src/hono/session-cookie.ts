import type { Context } from 'hono';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { importKeyring } from '../crypto/import-keyring.ts';
import type { Edge } from './edge.ts';
import type { EdgeOptions } from './edge-options.ts';
import { type CookieKind, clearCookie, openSealedCookie, setSealedCookie } from './sealed-cookie.ts';

/** A session: who holds its cookie acts for the user of one stored token. */
export interface Session {
  /** The id of the stored token. */
  readonly tokenId: string;
  /** When the session ends whatever happens, in epoch milliseconds. */
  readonly expiresAt: number;
}

// Strict: no other site can make the browser send it, not even by a link. The page that follows a sign-in is still asked
// for without it, because the redirect began elsewhere; what that page then fetches carries it.
const kind: CookieKind = { name: '__Host-tokenkeep-session', collection: 'session-cookie', sameSite: 'Strict' };
const defaultSessionMs = 30 * 86_400_000;

/**
 * The session of a request, for handlers of your own beside the {@link tokenkeep} routes.
 *
 * @param options the same options as those routes have.
 * @returns `undefined` when the request carries no session, one that has ended, or one that was altered. A session whose
 * token was deleted elsewhere is still one: `findTokenById` of the store tells.
 * @throws `E_KEYRING` when the keyring setting is missing or malformed.
 */
export async function readSession(c: Context, options: EdgeOptions): Promise<Session | undefined> {
  const { tenant = 'default', now = Date.now } = options;
  const keyring = await importKeyring(options.keyring);
  const session = (await openSealedCookie(c, { keyring, tenant }, kind)) as Session | undefined;
  return session !== undefined && session.expiresAt > now() ? session : undefined;
}

/**
 * The session of a request that needs one.
 *
 * @throws `E_REAUTH` when there is none.
 */
export async function requireSession(c: Context, edge: Edge): Promise<Session> {
  const session = await readSession(c, edge.options);
  if (session === undefined) throw new TokenkeepError('E_REAUTH', 'nobody is signed in here; sign in first');
  return session;
}

/** Starts a session, always with a new cookie: one that was there before the sign-in is worth nothing after it. */
export async function startSession(c: Context, edge: Edge, tokenId: string): Promise<void> {
  const { sessionMs = defaultSessionMs } = edge.options;
  await setSealedCookie(c, edge, kind, { tokenId, expiresAt: edge.now() + sessionMs }, sessionMs);
}

/** Ends the session in this browser. */
export function endSession(c: Context): void {
  clearCookie(c, kind);
}
