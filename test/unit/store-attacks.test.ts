import { describe, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { storeAttacks } from '../support/store-attacks.ts';

describe('whoever owns the database, in memory', () => {
  for (const { name, run } of storeAttacks) test(name, () => run(memoryBackend()));
});
