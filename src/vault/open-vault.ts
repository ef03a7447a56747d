import { createVault } from './create-vault.ts';
import { indexedDbVaultStorage } from './indexeddb-vault-storage.ts';
import type { Vault, VaultOptions } from './vault.ts';

/**
 * The vault of this page: who may use the keys that seal its tokens. Nothing is read or written before it is asked for something.
 *
 * ```ts
 * const vault = openVault({ backend, idleMs: 5 * 60_000 });
 * const store = new EncryptedTokenStore({ backend, keyring: vault.keyring });
 * await vault.open(deviceSlot()); // or create(), then unlock(), with another slot
 * ```
 *
 * Open one vault of a name in a page, and `close()` it when it is no longer needed.
 *
 * @throws `E_CONFIG` when `idleMs` is no time that a timer can wait for. Its methods reject with `E_UNSUPPORTED` outside a secure
 * context, where browsers have no Web Crypto, and with `E_STORAGE` or `E_QUOTA` when IndexedDB fails.
 */
export function openVault({ name = 'tokenkeep-vault', ...options }: VaultOptions = {}): Vault {
  return createVault({ ...options, name }, indexedDbVaultStorage(name));
}
