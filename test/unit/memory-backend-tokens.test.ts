import { describe, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { tokenStoreContract } from '../../src/testing/index.ts';
import { tokenStores } from '../support/token-stores.ts';

describe('an encrypted token store in memory', () => {
  for (const { name, run } of tokenStoreContract(tokenStores(memoryBackend()))) test(name, run);
});
