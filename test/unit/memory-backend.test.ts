import { describe, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';

describe('the memory backend', () => {
  for (const { name, run } of recordBackendContract(() => memoryBackend())) test(name, run);
});
