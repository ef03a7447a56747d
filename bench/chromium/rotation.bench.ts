import { expect, test } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { rotationFigures } from '../support/rotation-figures.ts';

test('rotation in IndexedDB', async ({ task }) => {
  const backend = indexedDbBackend({ name: 'bench-rotation' });
  task.meta.figures = [...(await rotationFigures('IndexedDB', backend, 300))];
  expect((await backend.keyUse()).length).toBe(1);
});
