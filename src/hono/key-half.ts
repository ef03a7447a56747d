import type { Context } from 'hono';
import { toBase64url } from '../core/base64url.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { Edge } from './edge.ts';
import { storedSession } from './session-cookie.ts';
import type { KeyHalf } from './session-store.ts';

/** What `POST` and `GET /auth/key-half` answer. */
export interface KeyHalfAnswer {
  /** 32 random bytes in base64url: one half of what a split slot's key is derived from, and nothing without the other. */
  readonly keyHalf: string;
}

/** How often a session can read its half within {@link windowMs}: each tab does once, when it unlocks the vault. */
const readsPerWindow = 10;
const windowMs = 60_000;
/** More than those who may write a session within one window: whoever is overtaken as often has met something else. */
const attempts = 16;

/**
 * `POST /auth/key-half`: makes the half of a key that this session holds.
 *
 * It lives in the session's sealed record, so that it is gone with the session, whatever ends that, and no second deletion can be
 * forgotten, fail, or come too late.
 */
export async function createKeyHalf(c: Context, edge: Edge): Promise<Response> {
  const half = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
  await change(c, edge, (present) => {
    if (present !== undefined) {
      throw new TokenkeepError('E_CONFLICT', 'the session has the half of a key already; ask for it with GET');
    }
    return { half, since: edge.now(), reads: 0 };
  });
  return c.json<KeyHalfAnswer>({ keyHalf: half });
}

/** `GET /auth/key-half`: hands it out once its reading is counted, so that none goes uncounted. */
export async function readKeyHalf(c: Context, edge: Edge): Promise<Response> {
  const read = await change(c, edge, (present) => {
    if (present === undefined) {
      throw new TokenkeepError('E_NO_ROOT', 'the session has no half of a key, or no longer; open the vault otherwise');
    }
    const now = edge.now();
    const isOver = Math.abs(now - present.since) >= windowMs; // also after a clock was set back
    const { half, since, reads } = isOver ? { ...present, since: now, reads: 0 } : present;
    if (reads < readsPerWindow) return { half, since, reads: reads + 1 };
    throw new TokenkeepError('E_UNAVAILABLE', 'the half of the key was read too often; try again after a minute', {
      retryAfterMs: Math.min(since + windowMs - now, windowMs),
    });
  });
  return c.json<KeyHalfAnswer>({ keyHalf: (read as KeyHalf).half });
}

/** `DELETE /auth/key-half`: destroys it, if there is one. */
export async function destroyKeyHalf(c: Context, edge: Edge): Promise<Response> {
  await change(c, edge, () => undefined);
  return c.body(null, 204);
}

/**
 * Puts another half in the place of the present one, by compare-and-set: who is overtaken looks again, at what the session holds
 * by then, and whether there still is one. What was ended is not written.
 *
 * @throws `E_REAUTH` when nobody is signed in here.
 * @throws `E_UNSUPPORTED` on a backend without compare-and-set (KV), where a half that was revoked could be read for another
 * minute, and two of them be made at once.
 */
async function change(
  c: Context,
  edge: Edge,
  next: (present: KeyHalf | undefined) => KeyHalf | undefined,
): Promise<KeyHalf | undefined> {
  if (!edge.options.backend.capabilities.compareAndSet) {
    throw new TokenkeepError('E_UNSUPPORTED', 'the half of a key needs compare-and-set; use D1 for sessions');
  }
  for (let attempt = 0; attempt < attempts; attempt++) {
    const session = await storedSession(c, edge);
    if (session === undefined) throw new TokenkeepError('E_REAUTH', 'nobody is signed in here; sign in first');
    const keyHalf = next(session.keyHalf);
    if (keyHalf === session.keyHalf || (await edge.sessions.replaceKeyHalf(session, keyHalf))) return keyHalf;
  }
  throw new TokenkeepError('E_UNAVAILABLE', 'the session is being written by too many at once; try again in a second');
}
