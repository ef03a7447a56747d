import { expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { listingFigures } from '../support/listing-figures.ts';

test('all tokens at once', async ({ task }) => {
  const backend = memoryBackend();
  task.meta.figures = [...(await listingFigures('memory in workerd', backend, 10_000))];
  expect((await backend.page('default/tokens', 1)).records).toHaveLength(1);
});
