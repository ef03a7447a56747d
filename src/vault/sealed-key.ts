import type { Bytes } from '../core/bytes.ts';
import type { WebCryptoKey } from '../core/keyring.ts';

/** What a wrapped key is to be used for: to derive from, not extractable; or to be wrapped again, and nothing else. */
export type SealedKeyUse = 'open' | 'wrap';

const parameters = (iv: Bytes, additionalData: Bytes): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData,
  tagLength: 128,
});

/** Makes 32 random bytes that can be wrapped, and nothing else: no engine generates or unwraps an extractable HKDF key. */
export function generateSealableKey(): Promise<WebCryptoKey> {
  return crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 256 }, true, ['sign']);
}

/** Wraps an extractable key of 32 bytes; they are never in script. One Web Crypto call, which gives 48 bytes. */
export async function sealKey(key: WebCryptoKey, by: WebCryptoKey, iv: Bytes, associated: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.wrapKey('raw', key, by, parameters(iv, associated)));
}

/**
 * Unwraps a key. One Web Crypto call.
 *
 * @returns `undefined` when anything of it was altered, or another key has wrapped it.
 */
export function unsealKey(
  sealed: Bytes,
  by: WebCryptoKey,
  iv: Bytes,
  associated: Bytes,
  use: SealedKeyUse,
): Promise<WebCryptoKey | undefined> {
  const [algorithm, extractable, usages]: [AlgorithmIdentifier | HmacImportParams, boolean, KeyUsage[]] =
    use === 'open' ? ['HKDF', false, ['deriveBits', 'deriveKey']] : [{ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']];
  return crypto.subtle
    .unwrapKey('raw', sealed, by, parameters(iv, associated), algorithm, extractable, usages)
    .catch(() => undefined);
}
