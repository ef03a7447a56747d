import { describe, expect, test } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';

describe('the IndexedDB backend', () => {
  for (const { name, run } of recordBackendContract(() => indexedDbBackend())) test(name, run);
});

test('the IndexedDB backend keeps the same promises in a web worker', async () => {
  const worker = new Worker(new URL('./indexeddb-backend-worker.ts', import.meta.url), { type: 'module' });
  const answer = await new Promise((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => resolve(data));
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
  });
  worker.terminate();
  const cases = recordBackendContract(() => indexedDbBackend()).length;
  expect(answer).toEqual({ cases, failed: [] });
}, 120_000);
