import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { toBase64url } from '../core/base64url.ts';
import type { Json } from '../core/oauth-token.ts';
import type { Transaction } from '../oauth/transaction.ts';
import type { Edge } from './edge.ts';
import { type CookieKind, clearCookie, openSealedCookie, setSealedCookie } from './sealed-cookie.ts';

/** A sign-in under way in one tab. */
export interface Login {
  readonly transaction: Transaction;
  /** Where to go afterwards: a path of our own origin. */
  readonly returnTo: string;
  /** The session that this browser had when the sign-in began, and that ends with it: the way back comes without its cookie. */
  readonly formerSession?: string;
}

interface PendingLogin extends Login {
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

const lifeMs = 600_000;
const prefix = '__Host-tokenkeep-login-';
const hashLength = 9; // bytes, 12 characters in the name
/** How many sign-ins may be under way in one browser: enough for a few tabs, too few to overflow a request's headers. */
const most = 4;

/** Remembers a sign-in in a cookie of its own, so that sign-ins in several tabs do not disturb each other. */
export async function rememberLogin(c: Context, edge: Edge, login: Login): Promise<void> {
  // browsers list older cookies first (RFC 6265 §5.4)
  for (const name of namesOf(c).slice(0, -(most - 1))) clearCookie(c, kindOf(name));
  const name = await nameFor(login.transaction.state);
  const pending = { ...login, expiresAt: edge.now() + lifeMs };
  await setSealedCookie(c, edge, kindOf(name), pending as unknown as Json, lifeMs);
}

/**
 * Takes out the sign-in that a callback answers, if it is under way in this browser, has not expired and was not taken
 * before. Its cookie is cleared, and it is noted as spent at our side: a copy of the cookie is worth nothing either.
 *
 * A callback that answers none of the sign-ins ends them all, because nobody can tell which of them went wrong.
 *
 * Without compare-and-set (KV) two callbacks at the same moment can both get it; the server then refuses the second
 * use of the code (RFC 6749 §4.1.2).
 */
export async function takeLogin(c: Context, edge: Edge, state: string | undefined): Promise<Login | undefined> {
  const names = namesOf(c);
  const answered = state === undefined ? undefined : await nameFor(state);
  let taken: Login | undefined;
  for (const name of answered !== undefined && names.includes(answered) ? [answered] : names) {
    clearCookie(c, kindOf(name));
    const login = (await openSealedCookie(c, edge, kindOf(name))) as unknown as PendingLogin | undefined;
    if (login === undefined || login.expiresAt <= edge.now()) continue;
    const unspent = await edge.spentLogins.add(login.transaction.state, true, login.expiresAt);
    if (unspent && name === answered) taken = login;
  }
  return taken;
}

function namesOf(c: Context): string[] {
  return Object.keys(getCookie(c)).filter(
    (name) => name.startsWith(prefix) && /^[\w-]{12}$/.test(name.slice(prefix.length)),
  );
}

/** The state itself stays out of the name, because names of cookies are logged more often than their values. */
async function nameFor(state: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(state));
  return prefix + toBase64url(new Uint8Array(hash).subarray(0, hashLength));
}

function kindOf(name: string): CookieKind {
  return { name, collection: 'login-cookie', sameSite: 'Lax' };
}
