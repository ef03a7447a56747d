import { expect, inject, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { testKeyring } from '../../test/support/test-keyring.ts';
import { fetchFigure, freshSource, getTokenFigure } from '../support/source-figures.ts';

test('a source with a fresh token', async ({ task }) => {
  const url = inject('apiUrl');
  const memory = await freshSource(
    { backend: memoryBackend(), keyring: await testKeyring() },
    { allowedOrigins: [url] },
  );
  task.meta.figures = [
    await fetchFigure('memory in Node', memory.make, url),
    await getTokenFigure('memory in Node', memory.make, memory.rawRead),
  ];
  expect((await memory.make().getToken()).outcome).toBe('fresh');
  expect(await memory.rawRead()).toHaveLength(1);
});
