import type { Keyring } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { createKeyring } from './create-keyring.ts';
import { importRoot } from './import-root.ts';
import { readKeyringSetting } from './keyring-setting.ts';

/** A keyring setting: the text itself, or a binding that yields it, such as one of Cloudflare's Secrets Store. */
export type KeyringSource = string | { get(): Promise<string> };

// The finished keyring, never a promise: in a Worker, a promise of one request may hang another that awaits it.
let latest: { readonly setting: string; readonly keyring: Keyring } | undefined;

/**
 * Imports a keyring setting, as `generateKeyring()` makes it. The keys are imported as non-extractable and the last
 * keyring is remembered, so that calling this once a request costs nothing.
 *
 * @throws `E_KEYRING` when the setting is missing or malformed, when a key does not have the id stated for it, or when
 * the primary ones are not enabled. The message never quotes the setting.
 * @throws `E_STORAGE` when the binding does not answer.
 */
export async function importKeyring(source: KeyringSource | undefined): Promise<Keyring> {
  const setting = await settingOf(source);
  if (latest?.setting === setting) return latest.keyring;
  const { primary, index, keys } = readKeyringSetting(setting);
  const roots = [];
  for (const { keyId, bytes, status } of keys) {
    try {
      const root = await importRoot(bytes);
      if (root.keyId !== keyId) {
        throw new TokenkeepError('E_KEYRING', `key ${keyId} of the keyring has another id; it was mistyped or swapped`);
      }
      roots.push({ ...root, status });
    } finally {
      bytes.fill(0);
    }
  }
  const keyring = createKeyring({ roots, primary, primaryIndex: index });
  latest = { setting, keyring };
  return keyring;
}

async function settingOf(source: KeyringSource | undefined): Promise<string> {
  if (typeof source === 'object' && source !== null) {
    try {
      return await source.get();
    } catch {
      throw new TokenkeepError('E_STORAGE', 'the secret that holds the keyring could not be read; try again');
    }
  }
  if (typeof source !== 'string' || source === '') {
    throw new TokenkeepError('E_KEYRING', 'the keyring is missing; set it to what generateKeyring() printed');
  }
  return source;
}
