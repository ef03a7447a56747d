import type { WebCryptoKey } from '../core/keyring.ts';
import { labels } from '../crypto/labels.ts';

/** The key that wraps root keys, of a master key that a slot gave to open. One Web Crypto call. */
export async function rootWrappingKey(masterKey: WebCryptoKey): Promise<WebCryptoKey> {
  const info = new TextEncoder().encode(labels.wrap);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
    masterKey,
    { name: 'AES-GCM', length: 256 },
    false,
    ['wrapKey', 'unwrapKey'],
  );
}
