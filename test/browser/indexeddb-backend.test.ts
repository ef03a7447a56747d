import { describe, test } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';

describe('the IndexedDB backend', () => {
  for (const { name, run } of recordBackendContract(() => indexedDbBackend())) test(name, run);
});
