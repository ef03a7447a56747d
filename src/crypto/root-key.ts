import { toHex } from '../core/hex.ts';
import type { RootKey, WebCryptoKey } from '../core/keyring.ts';
import { labels } from './labels.ts';

/**
 * A root key together with its id, the first four bytes that HKDF derives from it (specification §4): a mistyped or
 * swapped key is noticed when it is loaded.
 *
 * @param key 32 random bytes as a non-extractable HKDF key with the usages `deriveBits` and `deriveKey`.
 */
export async function rootKey(key: WebCryptoKey): Promise<RootKey> {
  const info = new TextEncoder().encode(labels.keyId);
  const bits = await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }, key, 32);
  return { keyId: toHex(new Uint8Array(bits)), key };
}
