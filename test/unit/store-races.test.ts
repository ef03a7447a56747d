import { describe, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { storeRaces } from '../support/store-races.ts';

describe('many writers at once, in memory', () => {
  for (const { name, run } of storeRaces) {
    test(name, () => {
      const backend = memoryBackend();
      return run(() => backend);
    });
  }
});
