import { fromBase64url } from '../core/base64url.ts';
import type { Bytes } from '../core/bytes.ts';
import { type ErrorCode, TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * The half of a key that a worker holds for the session of this browser: 32 random bytes, one for each session. The worker
 * destroys it with the session, whatever ends that: signing out, a revocation, a time-out, and signing in anew as well. What
 * nothing but a split slot opens is lost then, so that a vault whose data matters has a recovery slot, or a passphrase, too.
 *
 * Needs a session at the worker: a page that signs in by itself alone, without the routes of `tokenkeep()`, has nothing that
 * could hold the half, and gets `E_REAUTH`, `E_CONFIG`, or `E_NETWORK` from a host that answers everything with its page.
 *
 * One half serves any number of slots. All methods reject with `E_REAUTH` when nobody is signed in; `E_UNAVAILABLE` after too many
 * calls (`retryAfterMs` says when to try again) or while the database fails; `E_NETWORK` when the worker cannot be reached, or
 * something else answered; `E_CONFIG` when it has no such routes; `E_UNSUPPORTED` when its database has no compare-and-set.
 */
export interface EdgeKeyHalf {
  /**
   * Has the worker make the half. Of several calls at once, from whichever tab, one makes it.
   *
   * @throws `E_CONFLICT` when the session has one already: `fetch` it.
   */
  create(): Promise<Bytes>;
  /**
   * The half.
   *
   * @throws `E_NO_ROOT` when the session has none: it was never made, or was destroyed for good.
   */
  fetch(): Promise<Bytes>;
  /** Has the worker destroy the half for good. Destroying what is not there does nothing. */
  destroy(): Promise<void>;
}

/** What {@link edgeKeyHalf} can be told. */
export interface EdgeKeyHalfOptions {
  /** Where the routes `/auth/…` of `tokenkeep()` are mounted on this origin: a path. Default `/auth`. */
  readonly base?: string;
  /** Calls the worker. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

const answerMs = 15_000;
const halfBytes = 32;
const defaultRetryMs = 1000;

/** What the page is to do next, by what the worker answers with. Any other code is `E_UNAVAILABLE`. */
const advice: { readonly [C in ErrorCode]?: string } = {
  E_REAUTH: 'nobody is signed in at the worker; sign in, then repeat',
  E_NO_ROOT: 'the session has no half of a key, or no longer; open the vault in another way, or reset it',
  E_CONFLICT: 'the session has the half of a key already; fetch that one',
  E_UNSUPPORTED: 'the database of the worker has no compare-and-set; use D1 for the half of a key',
};

/**
 * The half of a key that the worker holds behind the session of this browser, by the routes `/auth/key-half` of `tokenkeep()`.
 *
 * ```ts
 * await vault.open(splitSlot(edgeKeyHalf()));
 * ```
 *
 * @throws `E_CONFIG` when `base` is not a path of this origin: the session's cookie goes nowhere else.
 */
export function edgeKeyHalf({ base = '/auth', fetch = globalThis.fetch }: EdgeKeyHalfOptions = {}): EdgeKeyHalf {
  if (!/^\/(?![/\\])[^?#]*$/.test(base)) {
    throw new TokenkeepError('E_CONFIG', 'Set base to a path of this origin, such as /auth.');
  }
  const url = `${base.replace(/\/+$/, '')}/key-half`;

  async function ask(method: 'POST' | 'GET' | 'DELETE'): Promise<unknown> {
    const init: RequestInit = { method, cache: 'no-store', redirect: 'error' };
    const { response, body } = await send(() => fetch(url, { ...init, signal: AbortSignal.timeout(answerMs) }));
    if (response.ok) return body;
    throw refused(response, body);
  }

  return {
    create: async () => halfOf(await ask('POST')),
    fetch: async () => halfOf(await ask('GET')),
    async destroy() {
      await ask('DELETE');
    },
  };
}

async function send(
  request: () => Promise<Response>,
): Promise<{ readonly response: Response; readonly body: unknown }> {
  try {
    const response = await request();
    const text = await response.text();
    return { response, body: jsonOf(text) };
  } catch {
    throw new TokenkeepError('E_NETWORK', 'the worker could not be reached, or did not answer in time; try again');
  }
}

/** `undefined` for what is no JSON, such as the page of a proxy in between. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function halfOf(body: unknown): Bytes {
  const { keyHalf } = membersOf(body);
  const half = typeof keyHalf === 'string' ? fromBase64url(keyHalf) : undefined;
  if (half?.length === halfBytes) return half;
  throw new TokenkeepError('E_NETWORK', 'something other than the worker answered; check the connection and try again');
}

/** What the worker says, never in its own words: an answer is input, and may come from something in between. */
function refused({ status, headers }: Response, body: unknown): TokenkeepError {
  const { code } = membersOf(membersOf(body).error);
  const known = typeof code === 'string' && Object.hasOwn(advice, code) ? (code as ErrorCode) : undefined;
  const message = known && advice[known];
  if (known !== undefined && message !== undefined) return new TokenkeepError(known, message);
  if (status === 404 || status === 405) {
    return new TokenkeepError('E_CONFIG', 'Set base to where tokenkeep() is mounted: there is no key-half below it.');
  }
  if (status !== 429 && status < 500) {
    return new TokenkeepError('E_NETWORK', 'the worker refused the request; make it from a page of its own origin');
  }
  const seconds = headers.get('Retry-After') ?? '';
  const retryAfterMs = /^\d{1,5}$/.test(seconds) ? Number(seconds) * 1000 : defaultRetryMs;
  return new TokenkeepError('E_UNAVAILABLE', 'the worker cannot give its half of the key now; try again later', {
    retryAfterMs,
  });
}

function membersOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
