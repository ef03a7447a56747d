import { describe, test } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { tokenStoreContract } from '../../src/testing/index.ts';
import { tokenStores } from '../support/token-stores.ts';

describe('an encrypted token store in IndexedDB', () => {
  const backend = indexedDbBackend({ name: crypto.randomUUID() });
  for (const { name, run } of tokenStoreContract(tokenStores(backend))) test(name, run);
});
