import { createVault } from '../../src/vault/create-vault.ts';
import { memoryVaultStorage } from '../../src/vault/memory-vault-storage.ts';
import type { Vault, VaultOptions } from '../../src/vault/vault.ts';
import type { VaultStorage } from '../../src/vault/vault-storage.ts';

/** A vault over a storage in memory. Those over one storage are tabs of one browser, if they have one name as well. */
export function vaultInMemory(storage: VaultStorage = memoryVaultStorage(), options: VaultOptions = {}): Vault {
  return createVault({ name: crypto.randomUUID(), ...options }, storage);
}
