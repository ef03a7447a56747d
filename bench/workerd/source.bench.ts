import { env } from 'cloudflare:workers';
import { expect, inject, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { accessTokenCache } from '../../src/store/access-token-cache.ts';
import { testKeyring } from '../../test/support/test-keyring.ts';
import { fetchFigure, freshSource, getTokenFigure } from '../support/source-figures.ts';

test('a source with a fresh token', async ({ task }) => {
  const url = inject('apiUrl');
  const keyring = await testKeyring();
  const options = { allowedOrigins: [url] };
  const backend = d1Backend(env.DB);
  const memory = await freshSource({ backend: memoryBackend(), keyring }, options);
  const d1 = await freshSource({ backend, keyring }, options);
  const cache = accessTokenCache({ namespace: env.KV, keyring, maxAgeMs: 600_000 });
  const cached = await freshSource({ backend, keyring }, { ...options, cache });
  await cached.make().getToken();
  await expect.poll(async () => (await cached.make().getToken()).outcome).toBe('cached');
  const [entry] = (await env.KV.list({ prefix: 'tokenkeep/a/' })).keys;
  const rawCached = () => env.KV.get(entry?.name ?? '', 'arrayBuffer');

  task.meta.figures = [
    await fetchFigure('memory in workerd', memory.make, url),
    await fetchFigure('D1', d1.make, url),
    await fetchFigure('cache in KV', cached.make, url),
    await getTokenFigure('D1', d1.make, d1.rawRead),
    await getTokenFigure('cache in KV', cached.make, rawCached),
  ];
  expect((await memory.make().getToken()).outcome).toBe('fresh');
  expect((await d1.make().getToken()).outcome).toBe('fresh');
  expect((await cached.make().getToken()).outcome).toBe('cached');
  expect(await d1.rawRead()).toHaveLength(1);
  expect(await rawCached()).not.toBeNull();
});
