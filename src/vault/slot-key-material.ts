import type { Bytes } from '../core/bytes.ts';
import type { WebCryptoKey } from '../core/keyring.ts';

/** Imports the secret of a slot as a non-extractable HKDF key, and wipes the bytes. */
export async function slotKeyMaterial(bytes: Bytes): Promise<WebCryptoKey> {
  try {
    return await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveBits', 'deriveKey']);
  } finally {
    bytes.fill(0);
  }
}
