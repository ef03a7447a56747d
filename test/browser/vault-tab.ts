// What the second tabs of the vault's tests load.

import { deleteDB } from 'idb';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import type { VaultOptions } from '../../src/vault/vault.ts';

export { deviceSlot } from '../../src/vault/device-slot.ts';
export { passphraseSlot } from '../../src/vault/passphrase-slot.ts';
export { splitSlot } from '../../src/vault/split-slot.ts';
export { deleteDB, openVault };

/** A vault and a store over it, of one name. */
export function openVaultAndStore(name: string, options: Pick<VaultOptions, 'idleMs'> = {}) {
  const backend = indexedDbBackend({ name });
  const vault = openVault({ name: `${name}-keys`, backend, ...options });
  return { vault, backend, store: new EncryptedTokenStore({ backend, keyring: vault.keyring }) };
}
