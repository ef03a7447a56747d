import type { Bytes } from '../core/bytes.ts';
import type { RootKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { rootKey } from './root-key.ts';

/**
 * Imports 32 bytes as a root key. The caller wipes the bytes.
 *
 * @throws `E_KEYRING` unless there are exactly 32 bytes that are not all equal: every engine would accept an empty key, so
 * that a missing secret would seem to work.
 */
export async function importRoot(bytes: Bytes): Promise<RootKey> {
  if (bytes.length !== 32 || bytes.every((byte) => byte === bytes[0])) {
    throw new TokenkeepError('E_KEYRING', 'a key of the keyring is not 32 random bytes; generate a new keyring');
  }
  const key = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveBits', 'deriveKey']);
  return rootKey(key);
}
