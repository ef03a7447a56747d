import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import { type KVLike, kvBackend } from '../../src/backends/kv-backend.ts';
import type { KeptRecord, RecordWrite, StoredRecord } from '../../src/core/record-backend.ts';
import { staleKv } from '../../src/testing/index.ts';
import { expectCode } from '../support/expect-code.ts';
import { recordingKv } from './recording-kv.ts';

const partition = `${crypto.randomUUID()}/tokens`;
const value = () => crypto.getRandomValues(new Uint8Array(16));
const backend = kvBackend(env.KV);
const kept = (record: StoredRecord): KeptRecord => ({ ...record, claim: { owner: '', heldMs: 0, coolingMs: 0 } });

function sample(id: string, changes: Partial<StoredRecord> = {}): StoredRecord {
  const record = { partition, id, revision: 1, identity: value(), lookups: { userName: value() }, keyId: 'aaaaaaaa' };
  return { ...record, indexKeyId: 'bbbbbbbb', expiresAt: 0, dueAt: 0, sealed: value(), ...changes };
}
const writes = (count: number): readonly RecordWrite[] =>
  Array.from({ length: count }, (_, i) => ({ record: sample(`id ${i}`), condition: {} }));
const idsOf = (records: readonly KeptRecord[]): readonly string[] => records.map(({ id }) => id).sort();

/** The namespace, with what it is asked for and how much of that at once. */
function countingKv(kv: KVLike = env.KV) {
  const counts = { getWithMetadata: 0, put: 0, delete: 0, list: 0, atOnce: 0 };
  let underWay = 0;
  const counted = async <T>(method: keyof KVLike, call: () => Promise<T>): Promise<T> => {
    counts[method]++;
    counts.atOnce = Math.max(counts.atOnce, ++underWay);
    return call().finally(() => underWay--);
  };
  const counting: KVLike = {
    getWithMetadata: (...args) => counted('getWithMetadata', () => kv.getWithMetadata(...args)),
    put: (...args) => counted('put', () => kv.put(...args)),
    delete: (...args) => counted('delete', () => kv.delete(...args)),
    list: (...args) => counted('list', () => kv.list(...args)),
  };
  return { counts, backend: kvBackend(counting) };
}

afterEach(async () => {
  const { keys } = await env.KV.list({ prefix: 'tokenkeep/' });
  await Promise.all(keys.map(({ name }) => env.KV.delete(name)));
});

describe('the KV backend asks', () => {
  test('for each of many updates of records whose lookups stay once for the record, and writes it', async () => {
    const records = writes(30);
    await backend.putEach(records);
    const { counts, backend: counted } = countingKv();
    const updates = records.map(({ record }) => ({ record: { ...record, revision: 2 }, condition: { revision: 1 } }));
    expect(await counted.putEach(updates)).toEqual(Array(30).fill('stored'));
    expect(counts).toMatchObject({ getWithMetadata: 30, put: 30, delete: 0, list: 0 });
    expect(counts.atOnce).toBeGreaterThan(1);
    expect(counts.atOnce).toBeLessThanOrEqual(6);
    expect(await counted.putEach([])).toEqual([]);
    expect(counts.getWithMetadata).toBe(30);
  });

  test('in a scan for one listing, and for the records alone that are meant', async () => {
    await backend.putEach([...writes(8), { record: sample('other', { keyId: 'cccccccc' }), condition: {} }]);
    const { counts, backend: counted } = countingKv();
    const { records } = await counted.scan(100, { except: { keyId: 'aaaaaaaa', indexKeyId: 'bbbbbbbb' } });
    expect(idsOf(records)).toEqual(['other']);
    expect(counts).toMatchObject({ getWithMetadata: 1, put: 0, delete: 0, list: 1 });
  });

  test('in a scan in which all of a page is left out for no record, and gives the cursor of the next', async () => {
    await backend.putEach([...writes(8), { record: sample('other', { keyId: 'cccccccc' }), condition: {} }]);
    const { counts, backend: counted } = countingKv();
    const except = { keyId: 'aaaaaaaa', indexKeyId: 'bbbbbbbb' };
    const { records, cursor = '' } = await counted.scan(5, { except });
    expect(records).toEqual([]);
    expect(counts).toMatchObject({ getWithMetadata: 0, list: 1 });
    const last = await counted.scan(5, { except, cursor });
    expect([idsOf(last.records), last.cursor]).toEqual([['other'], undefined]);
  });

  test('to count by keys for listings, and for no record', async () => {
    await backend.putEach(writes(12));
    const { counts, backend: counted } = countingKv();
    const use = { keyId: 'aaaaaaaa', indexKeyId: 'bbbbbbbb', records: 12 };
    expect(await counted.keyUse(partition)).toEqual([use]);
    expect(await counted.keyUse()).toEqual([use]);
    expect(counts).toMatchObject({ getWithMetadata: 0, put: 0, delete: 0, list: 2 });
  });
});

describe('of records of one call that want one identity', () => {
  test('the first gets it, though KV shows the one write to the other a minute later', async () => {
    const stale = kvBackend(staleKv({ now: () => 1_800_000_000_000 }).at('fra'));
    const identity = value();
    const records = ['a', 'b', 'c'].map((id) => sample(id, { identity }));
    const outcomes = await stale.putEach(records.map((record) => ({ record, condition: {} })));
    expect(outcomes).toEqual(['stored', 'conflict', 'conflict']);
  });

  test('the next gets it when the condition of the first does not hold', async () => {
    const identity = value();
    const outcomes = await backend.putEach([
      { record: sample('a', { identity, revision: 2 }), condition: { revision: 1 } },
      { record: sample('b', { identity }), condition: {} },
      { record: sample('c', { identity }), condition: {} },
    ]);
    expect(outcomes).toEqual(['conflict', 'stored', 'conflict']);
    expect(idsOf(await backend.find(partition, 'identity', [identity]))).toEqual(['b']);
  });
});

describe('when KV fails while many records are written', () => {
  test.each([
    ['once', (n: number) => (before: number) => (before === n ? 'KV PUT failed: 500' : undefined)],
    ['from then on', (n: number) => (before: number) => (before >= n ? 'KV PUT failed: 500' : undefined)],
  ])('%s, each record is the one before or the one after, and is found', async (_, failAt) => {
    for (let n = 0; ; n += 5) {
      const before = Array.from({ length: 4 }, (_, i) => sample(`${n} ${i}`));
      await backend.putEach(before.map((record) => ({ record, condition: {} })));
      const after = before.map((record) => sample(record.id, { revision: 2 }));
      const changes = after.map((record) => ({ record, condition: { revision: 1 } }));
      const kv = recordingKv(env.KV, failAt(n));
      const outcome = await kvBackend(kv)
        .putEach(changes)
        .catch((error: unknown) => error);
      // entries that lead nowhere may stay behind when all was written, and do no harm
      if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'TokenkeepError', code: 'E_STORAGE' });
      else expect(outcome).toEqual(Array(4).fill('stored'));
      const expected: string[] = [];
      for (const [i, old] of before.entries()) {
        const next = after[i] as StoredRecord;
        const held = await backend.get(partition, old.id);
        const stored = held?.revision === 2 ? next : old;
        expected.push(stored === next ? 'conflict' : 'stored');
        expect(held).toEqual(kept(stored));
        if (!(outcome instanceof Error)) expect(stored).toBe(next);
        for (const record of [old, next]) {
          const found = await backend.find(partition, 'identity', [record.identity]);
          expect(found).toEqual(record === stored ? [kept(stored)] : []);
        }
      }
      expect(await backend.putEach(changes)).toEqual(expected);
      for (const next of after) expect(await backend.get(partition, next.id)).toEqual(kept(next));
      if (kv.writes.length <= n) return;
    }
  });

  test('no further record is begun', async () => {
    const kv = recordingKv(env.KV, () => 'KV PUT failed: 500');
    await expectCode('E_STORAGE', kvBackend(kv).putEach(writes(50)));
    // two entries each of the six that were under way
    expect(kv.writes.length).toBeLessThanOrEqual(12);
  });

  test('a record whose keys would be too long stops the call before anything of it is written', async () => {
    const kv = recordingKv(env.KV);
    await expectCode('E_INPUT', kvBackend(kv).putEach([{ record: sample('x'.repeat(470)), condition: {} }]));
    expect(kv.writes).toEqual([]);
  });
});

describe('a scan of KV', () => {
  test('passes over keys that are no record, however long, and records without metadata hide no others', async () => {
    await backend.putEach(writes(2));
    const strays = ['x'.repeat(450), 'stray', '', 'a/b'];
    for (const stray of strays) await env.KV.put(`tokenkeep/r/${stray}`, '', { metadata: { expiresAt: 1, keyId: [] } });
    await env.KV.put(`tokenkeep/r/${partition}/bare`, 'no metadata');
    const { records, cursor } = await backend.scan(100, { except: { keyId: 'cccccccc', indexKeyId: 'cccccccc' } });
    expect([idsOf(records), cursor]).toEqual([['bare', 'id 0', 'id 1'], undefined]);
    expect(await backend.keyUse()).toEqual([
      { keyId: '', indexKeyId: '', records: 1 },
      { keyId: 'aaaaaaaa', indexKeyId: 'bbbbbbbb', records: 2 },
    ]);
    expect(await backend.deleteExpired(1000, 10)).toBe(0);
    expect(idsOf((await backend.page(partition, 10)).records)).toEqual(['bare', 'id 0', 'id 1']);
  });

  test('leaves out what the records say, where the listing is older than they are', async () => {
    const record = sample('one');
    await backend.put(record, {});
    const before = await env.KV.list({ prefix: 'tokenkeep/r/' });
    const next = { ...record, revision: 2, keyId: 'cccccccc', indexKeyId: 'cccccccc' };
    await backend.put(next, { revision: 1 });
    await backend.putEach(writes(1));
    const behind: KVLike = {
      getWithMetadata: (key, type) => env.KV.getWithMetadata(key, type),
      put: () => expect.unreachable(),
      delete: () => expect.unreachable(),
      list: async () => ({ keys: before.keys, list_complete: true }),
    };
    const except = { keyId: 'cccccccc', indexKeyId: 'cccccccc' };
    expect(await kvBackend(behind).scan(10, { except })).toEqual({ records: [] });
    expect(await kvBackend(behind).scan(10)).toEqual({ records: [kept(next)] });
  });

  test('says nothing of what KV says to a cursor that is none', async () => {
    const failing: KVLike = {
      ...recordingKv(env.KV),
      list: () => Promise.reject(new Error('KV GET failed: 400 invalid cursor: sentinel-81b0')),
    };
    const error = await expectCode('E_STORAGE', kvBackend(failing).scan(10, { cursor: 'sentinel-81b0' }));
    expect(`${error.message}${error.stack}`).not.toContain('sentinel-81b0');
  });
});
