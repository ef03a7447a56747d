import { deleteDB } from 'idb';
import { expect, inject, test } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { tabSignals } from '../../src/page/tab-signals.ts';
import { testKeyring } from '../../test/support/test-keyring.ts';
import { fetchFigure, freshSource, getTokenFigure } from '../support/source-figures.ts';

test('a source with a fresh token', async ({ task }) => {
  const url = inject('apiUrl');
  const name = `bench-source-${crypto.randomUUID()}`;
  const storage = { backend: indexedDbBackend({ name }), keyring: await testKeyring() };
  const { make, rawRead } = await freshSource(storage, { allowedOrigins: [url], signals: tabSignals() });
  // a page has one source for as long as it is open
  const source = make();
  task.meta.figures = [
    await fetchFigure('IndexedDB in Chromium', () => source, url),
    await getTokenFigure('IndexedDB in Chromium', () => source, rawRead),
  ];
  expect((await source.getToken()).outcome).toBe('fresh');
  expect(await rawRead()).toHaveLength(1);
  await deleteDB(name);
});
