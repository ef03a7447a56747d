import type { Bytes } from '../core/bytes.ts';
import { fromHex, toHex } from '../core/hex.ts';
import type { WebCryptoKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { concat } from '../crypto/concat.ts';
import { type SealedKeyUse, sealKey, unsealKey } from './sealed-key.ts';

const version = 1;
const type = 2;
const at = { keyId: 2, iv: 6, wrapped: 18 } as const;

/**
 * Wraps a root key. One Web Crypto call.
 *
 * @param state all of the keyring that is stored in the clear, which is authenticated by this.
 * @param root as an extractable key.
 * @returns 66 bytes.
 */
export async function wrapRoot(
  wrappingKey: WebCryptoKey,
  state: Bytes,
  keyId: string,
  root: WebCryptoKey,
): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(at.wrapped - at.iv));
  const header = concat(version, type, fromHex(keyId), iv);
  return concat(header, await sealKey(root, wrappingKey, iv, concat(header, state)));
}

/**
 * Unwraps a root key. One Web Crypto call.
 *
 * @throws `E_AUTH` when it was altered, or wrapped under another master key or with another state of the keyring; `E_FORMAT` or
 * `E_VERSION` when it is no wrapped root of this format.
 */
export async function unwrapRoot(
  wrappingKey: WebCryptoKey,
  state: Bytes,
  keyId: string,
  wrapped: Bytes,
  use: SealedKeyUse,
): Promise<WebCryptoKey> {
  if (wrapped[0] !== version) {
    throw new TokenkeepError('E_VERSION', 'a key was wrapped in an unknown format; update tokenkeep to open the vault');
  }
  if (wrapped[1] !== type || toHex(wrapped.subarray(at.keyId, at.iv)) !== keyId) {
    throw new TokenkeepError('E_FORMAT', 'a stored key of the vault is malformed; restore or reset the vault');
  }
  const header = wrapped.slice(0, at.wrapped);
  const sealed = wrapped.slice(at.wrapped);
  const root = await unsealKey(sealed, wrappingKey, header.slice(at.iv), concat(header, state), use);
  if (root !== undefined) return root;
  throw new TokenkeepError('E_AUTH', 'the stored keys of the vault were altered or replaced; restore or reset it');
}
