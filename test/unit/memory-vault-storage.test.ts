import { describe, test } from 'vitest';
import { memoryVaultStorage } from '../../src/vault/memory-vault-storage.ts';
import { vaultStorageCases } from '../support/vault-storage-cases.ts';

describe('a vault in memory', () => {
  for (const { name, run } of vaultStorageCases) {
    test(name, () => {
      const storage = memoryVaultStorage();
      return run(() => storage);
    });
  }
});
