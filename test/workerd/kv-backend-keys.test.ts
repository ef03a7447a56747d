import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { type KVLike, kvBackend } from '../../src/backends/kv-backend.ts';
import { toBase64url } from '../../src/core/base64url.ts';
import type { StoredRecord } from '../../src/core/record-backend.ts';
import { recordingKv } from './recording-kv.ts';

const backend = kvBackend(env.KV);
const value = () => crypto.getRandomValues(new Uint8Array(16));

function sample(changes: Partial<StoredRecord> = {}): StoredRecord {
  const partition = `${crypto.randomUUID()}/tokens`;
  const lookups = { userName: value(), accessToken: value(), refreshToken: value(), grantToken: value() };
  const record = { partition, id: 'one', revision: 1, identity: value(), lookups, keyId: 'aaaaaaaa' };
  return { ...record, indexKeyId: 'bbbbbbbb', expiresAt: 0, dueAt: 0, sealed: value(), ...changes };
}

describe('in KV', () => {
  test('a record is one key, and each lookup an empty entry of its own that listings need not open', async () => {
    const record = sample();
    await backend.put(record, {});
    const { partition } = record;
    const { keys } = await env.KV.list({ prefix: 'tokenkeep/' });
    const own = keys.filter(({ name }) => name.includes(partition));
    expect(own.map(({ name }) => name).sort()).toEqual(
      [
        `tokenkeep/r/${partition}/one`,
        ...Object.entries({ ...record.lookups, identity: record.identity }).map(
          ([field, bytes]) => `tokenkeep/l/${partition}/${field}/${toBase64url(bytes)}/one`,
        ),
      ].sort(),
    );
    for (const { name, metadata } of own) {
      if (name.includes('/l/')) expect(await env.KV.getWithMetadata(name)).toMatchObject({ value: '', metadata: null });
      else expect(JSON.stringify(metadata).length).toBeLessThan(1024);
    }
    await backend.clear(partition);
    expect((await env.KV.list({ prefix: 'tokenkeep/' })).keys.filter(({ name }) => name.includes(partition))).toEqual(
      [],
    );
  });

  test('an update that changes no lookup writes the record alone', async () => {
    const record = sample();
    await backend.put(record, {});
    const kv = recordingKv(env.KV);
    await kvBackend(kv).put({ ...record, revision: 2, sealed: value() }, { revision: 1 });
    expect(kv.writes.map(({ key }) => key)).toEqual([`tokenkeep/r/${record.partition}/one`]);
  });

  test('an entry that leads nowhere, or to a record that holds something else, finds nothing', async () => {
    const record = sample();
    await backend.put(record, {});
    const stale = value();
    for (const id of ['absent', 'one']) {
      await env.KV.put(`tokenkeep/l/${record.partition}/accessToken/${toBase64url(stale)}/${id}`, '');
      await env.KV.put(`tokenkeep/l/${record.partition}/identity/${toBase64url(stale)}/${id}`, '');
    }
    expect(await backend.find(record.partition, 'accessToken', [stale])).toEqual([]);
    expect(await backend.find(record.partition, 'identity', [stale])).toEqual([]);
    const other = sample({
      partition: record.partition,
      id: 'other',
      identity: stale,
      lookups: { accessToken: stale },
    });
    expect(await backend.put(other, {})).toBe('stored');
    expect((await backend.find(record.partition, 'accessToken', [stale])).map(({ id }) => id)).toEqual(['other']);
  });

  test('two prefixes do not see or clear each other', async () => {
    const [one, two] = [kvBackend(env.KV, { prefix: 'app/' }), kvBackend(env.KV, { prefix: 'app/r/' })];
    const record = sample();
    const { partition, identity } = record;
    await one.put(record, {});
    await two.put(record, {});
    await two.clear(partition);
    expect(await two.get(partition, 'one')).toBeUndefined();
    expect(await one.get(partition, 'one')).toMatchObject({ id: 'one' });
    expect(await one.find(partition, 'identity', [identity])).toHaveLength(1);
  });

  test.each([
    ['the record', { id: 'x'.repeat(470) }],
    ['an entry', { id: 'x'.repeat(421) }],
    ['an entry, in bytes', { id: '€'.repeat(141) }],
  ])('a key of %s longer than KV allows is refused before anything is written', async (_name, changes) => {
    const kv = recordingKv(env.KV);
    await expect(kvBackend(kv).put(sample(changes), {})).rejects.toMatchObject({ code: 'E_INPUT' });
    expect(kv.writes).toEqual([]);
  });

  test('an id may have 256 bytes', async () => {
    const record = sample({ id: 'x'.repeat(256) });
    expect(await backend.put(record, {})).toBe('stored');
    expect(await backend.find(record.partition, 'refreshToken', [record.lookups.refreshToken!])).toHaveLength(1);
  });
});

describe('the life that KV gives a record and its entries', () => {
  const now = 1_800_000_000_000;
  test.each([
    ['59 seconds', now + 59_000, 60],
    ['60 seconds', now + 60_000, 60],
    ['60.001 seconds', now + 60_001, 61],
    ['61 seconds', now + 61_000, 61],
    ['a day', now + 86_400_000, 86_400],
    ['no time, for it expired long ago', 1, 60],
    ['no end', 0, undefined],
    ['no end, for the end is a century away', now + 3_200_000_000_000, undefined],
  ])('of one that has %s left', async (_name, expiresAt, expirationTtl) => {
    const kv = recordingKv(env.KV);
    expect(await kvBackend(kv, { now: () => now }).put(sample({ expiresAt }), {})).toBe('stored');
    expect(kv.writes).toHaveLength(6);
    for (const { options } of kv.writes) expect(options?.expirationTtl).toBe(expirationTtl);
  });

  test('is given anew to entries when the expiry moves', async () => {
    const record = sample({ expiresAt: now + 100_000 });
    const kv = recordingKv(env.KV);
    const backend = kvBackend(kv, { now: () => now });
    await backend.put(record, {});
    await backend.put({ ...record, revision: 2, expiresAt: now + 200_000 }, { revision: 1 });
    expect(kv.writes.slice(6).map(({ options }) => options?.expirationTtl)).toEqual(Array(6).fill(200));
  });
});

describe('the KV backend', () => {
  test('reads on after an empty page that is not the last', async () => {
    const first = 'an empty page went before';
    const kv: KVLike = {
      getWithMetadata: (key, type) => env.KV.getWithMetadata(key, type),
      put: (key, bytes, options) => env.KV.put(key, bytes, options),
      delete: (key) => env.KV.delete(key),
      list: async (options) => {
        if (options.cursor === null) return { keys: [], list_complete: false, cursor: first };
        return env.KV.list({ ...options, cursor: options.cursor === first ? null : options.cursor });
      },
    };
    const record = sample();
    const paged = kvBackend(kv);
    await paged.put(record, {});
    expect(await paged.find(record.partition, 'identity', [record.identity])).toHaveLength(1);
    const page = await paged.page(record.partition, 10);
    expect(page.records).toEqual([]);
    expect((await paged.page(record.partition, 10, page.cursor)).records).toHaveLength(1);
    expect(await paged.keyUse(record.partition)).toMatchObject([{ keyId: 'aaaaaaaa', records: 1 }]);
    await paged.clear(record.partition);
    expect(await env.KV.get(`tokenkeep/r/${record.partition}/one`)).toBeNull();
  });

  test('lists the other records when one was altered into something else', async () => {
    const record = sample({ id: 'sound' });
    const { partition } = record;
    await backend.put(record, {});
    await env.KV.put(`tokenkeep/r/${partition}/bare`, 'no metadata');
    const metadata = {
      revision: 'x',
      identity: 7,
      lookups: 'none',
      keyId: null,
      expiresAt: -1,
      indexKeyId: {},
      dueAt: '1',
    };
    await env.KV.put(`tokenkeep/r/${partition}/garbled`, '', { metadata });
    await env.KV.put(`tokenkeep/r/${partition}/listed`, '', { metadata: [1, 2] });
    const { records } = await backend.page(partition, 10);
    expect(records.map(({ id }) => id)).toEqual(['bare', 'garbled', 'listed', 'sound']);
    expect(records[1]).toMatchObject({ revision: 0, expiresAt: 0, dueAt: 0, keyId: '', lookups: {} });
    await backend.delete(partition, 'garbled');
    expect(await backend.get(partition, 'garbled')).toBeUndefined();
    expect(await backend.keyUse(partition)).toContainEqual(expect.objectContaining({ keyId: 'aaaaaaaa', records: 1 }));
  });

  test('admits what KV is not', async () => {
    const { capabilities } = backend;
    expect(capabilities).toEqual({
      compareAndSet: false,
      strongReads: false,
      atomicClear: false,
      minimumTtlMs: 60_000,
    });
    const release = backend.release('default/tokens', 'one', { owner: 'a' });
    await expect(release).rejects.toMatchObject({ code: 'E_UNSUPPORTED' });
  });
});
