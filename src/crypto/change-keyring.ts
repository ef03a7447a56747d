import { toBase64url } from '../core/base64url.ts';
import { importRoot } from './import-root.ts';
import { type KeyringTransition, keyringAfter } from './keyring-after.ts';
import { readKeyringSetting } from './keyring-setting.ts';

/** A change of a keyring setting: one of its transitions, or a new random key, which begins as pending. */
export type KeyringChange = { readonly kind: 'add' } | Exclude<KeyringTransition, { readonly kind: 'add' }>;

/**
 * The keyring setting after a change: the text to store in place of the old one. Keep the old one until everybody who opens
 * records has the new one.
 *
 * @param setting as `generateKeyring()` or this function made it.
 * @returns JSON text. It is a secret: whoever has it reads every token.
 * @throws `E_KEYRING` when the setting is malformed or cannot make this change; the message never quotes the setting.
 */
export async function changeKeyring(setting: string, change: KeyringChange): Promise<string> {
  const { keys, ...pointers } = readKeyringSetting(setting);
  const bytesOf = new Map(keys.map(({ keyId, bytes }) => [keyId, bytes]));
  try {
    let transition: KeyringTransition;
    if (change.kind === 'add') {
      const bytes = crypto.getRandomValues(new Uint8Array(32));
      const { keyId } = await importRoot(bytes);
      bytesOf.set(keyId, bytes);
      transition = { kind: 'add', keyId };
    } else {
      transition = change;
    }
    const after = keyringAfter({ ...pointers, keys }, transition);
    return JSON.stringify({
      v: 1,
      primary: after.primary,
      index: after.index,
      keys: after.keys.map(({ keyId, status }) => ({
        kid: keyId,
        k: toBase64url(bytesOf.get(keyId) ?? new Uint8Array()),
        status,
      })),
    });
  } finally {
    for (const bytes of bytesOf.values()) bytes.fill(0);
  }
}
