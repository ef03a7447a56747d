import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import { fromBase64url, toBase64url } from '../core/base64url.ts';
import type { Keyring } from '../core/keyring.ts';
import type { Json } from '../core/oauth-token.ts';
import { openRecord } from '../crypto/open-record.ts';
import type { SealContext } from '../crypto/seal-context.ts';
import { sealRecord } from '../crypto/seal-record.ts';

/** Which cookie: its full name, what it is for, and how it may travel. */
export interface CookieKind {
  readonly name: string;
  /** Bound into the seal, so that a cookie of one kind never opens as another, nor under another name. */
  readonly collection: 'login-cookie' | 'session-cookie';
  readonly sameSite: 'Lax' | 'Strict';
}

/** Who seals. */
export interface CookieSealer {
  readonly keyring: Keyring;
  readonly tenant: string;
}

/** Seals a value into a `__Host-` cookie: for this very host, over TLS only, and out of reach of scripts. */
export async function setSealedCookie(
  c: Context,
  sealer: CookieSealer,
  kind: CookieKind,
  value: Json,
  maxAgeMs: number,
): Promise<void> {
  const payload = new TextEncoder().encode(JSON.stringify(value));
  const { sealed } = await sealRecord(sealer.keyring, contextOf(sealer, kind), payload);
  setCookie(c, kind.name, toBase64url(sealed), { ...attributesOf(kind), maxAge: Math.floor(maxAgeMs / 1000) });
}

/**
 * What the browser sent back. `undefined` for everything that {@link setSealedCookie} did not make for this very kind:
 * a cookie is input, so that a bad one is nobody's error.
 */
export async function openSealedCookie(c: Context, sealer: CookieSealer, kind: CookieKind): Promise<Json | undefined> {
  const sealed = fromBase64url(getCookie(c, kind.name) ?? '');
  if (sealed === undefined || sealed.length === 0) return undefined;
  try {
    const payload = await openRecord(sealer.keyring, contextOf(sealer, kind), sealed);
    return JSON.parse(new TextDecoder().decode(payload)) as Json;
  } catch {
    return undefined;
  }
}

/** Makes the browser forget the cookie. */
export function clearCookie(c: Context, kind: CookieKind): void {
  setCookie(c, kind.name, '', { ...attributesOf(kind), maxAge: 0 });
}

function attributesOf({ sameSite }: CookieKind): CookieOptions {
  return { path: '/', secure: true, httpOnly: true, sameSite };
}

function contextOf({ tenant }: CookieSealer, { name, collection }: CookieKind): SealContext {
  return { schema: 1, tenant, collection, id: name, revision: 1, expiresAt: 0 };
}
