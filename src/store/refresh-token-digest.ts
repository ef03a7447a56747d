import { toBase64url } from '../core/base64url.ts';

/** Tells two refresh tokens apart without keeping a spent one. Lives inside the seal only. */
export async function refreshTokenDigest(token: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return toBase64url(new Uint8Array(hash).subarray(0, 16));
}
