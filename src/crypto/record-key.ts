import type { Bytes } from '../core/bytes.ts';
import type { WebCryptoKey } from '../core/keyring.ts';
import { concat } from './concat.ts';
import { labels } from './labels.ts';

/** The key of one message and the public value that commits to it. */
export interface RecordKey {
  readonly key: WebCryptoKey;
  readonly commitment: Bytes;
}

const label = new TextEncoder().encode(labels.record);

/**
 * Derives the key that seals or opens one message (specification §4): HKDF-SHA-256 over the root, with the associated
 * data in the `info`, so that the commitment binds the key and the context. Two Web Crypto calls.
 */
export async function recordKey(
  root: WebCryptoKey,
  salt: Bytes,
  associated: Bytes,
  usage: 'encrypt' | 'decrypt',
): Promise<RecordKey> {
  const info = concat(label, associated);
  const okm = new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, root, 512));
  try {
    const key = await crypto.subtle.importKey('raw', okm.subarray(0, 32), 'AES-GCM', false, [usage]);
    return { key, commitment: okm.slice(32) };
  } finally {
    okm.fill(0);
  }
}
