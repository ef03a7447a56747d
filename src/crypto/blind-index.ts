import type { Bytes } from '../core/bytes.ts';
import type { RootKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { concat } from './concat.ts';
import { encodeText } from './encode-text.ts';
import { labels } from './labels.ts';
import { uint } from './uint.ts';

// Finished keys, never promises: two callers at once derive the same key twice, and none waits for another's request.
const fieldKeys = new WeakMap<CryptoKey, Map<string, CryptoKey>>();

async function fieldKey(root: CryptoKey, field: string): Promise<CryptoKey> {
  const keys = fieldKeys.get(root) ?? new Map<string, CryptoKey>();
  fieldKeys.set(root, keys);
  const known = keys.get(field);
  if (known !== undefined) return known;
  const name = encodeText(field, 64, 'the field label');
  const info = concat(new TextEncoder().encode(labels.index), uint(name.length, 2), name);
  const key = await crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
    root,
    { name: 'HMAC', hash: 'SHA-256', length: 256 }, // every engine would make it 512 bits
    false,
    ['sign'],
  );
  keys.set(field, key);
  return key;
}

/**
 * The blind-index value of a field (specification §6): HMAC-SHA-256 cut to 16 bytes, under a key of the field's own, with
 * the tenant in the input. Equal only for the same root, tenant, field and exact value. One Web Crypto call, and one more
 * the first time a root meets a field.
 *
 * @param limit the longest value, in bytes of UTF-8. Default 64 KiB.
 * @throws `E_INPUT` when the value is empty, malformed or longer than that.
 */
export async function blindIndex(
  root: RootKey,
  tenant: string,
  field: string,
  value: string,
  limit = 65_536,
): Promise<Bytes> {
  const encoded = encodeText(value, limit, field);
  if (encoded.length === 0) throw new TokenkeepError('E_INPUT', `${field} is empty; leave it out instead`);
  const name = encodeText(tenant, 128, 'the tenant');
  const key = await fieldKey(root.key, field);
  const input = concat(uint(name.length, 2), name, uint(encoded.length, 4), encoded);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, input)).slice(0, 16);
}
