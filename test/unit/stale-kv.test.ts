import { beforeEach, describe, expect, test } from 'vitest';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import { recordBackendContract, type StaleKv, type StaleKvNamespace, staleKv } from '../../src/testing/index.ts';

let time: number;
let kv: StaleKv;
let here: StaleKvNamespace;
let there: StaleKvNamespace;
const now = () => time;

beforeEach(() => {
  time = 1_800_000_000_000;
  kv = staleKv({ now });
  [here, there] = [kv.at('fra'), kv.at('sfo')];
});

async function textOf(namespace: StaleKvNamespace, key = 'key'): Promise<string | null> {
  const value = await namespace.get(key, 'arrayBuffer');
  return value && new TextDecoder().decode(value);
}

async function namesIn(namespace: StaleKvNamespace, prefix = ''): Promise<string[]> {
  const { keys } = await namespace.list({ prefix, limit: 1000, cursor: null });
  return keys.map(({ name }) => name);
}

describe('a stale KV namespace', () => {
  test('shows a write at once to a location that has not read the key lately', async () => {
    const metadata = { revision: 1, list: ['a'] };
    await here.put('key', new Uint8Array([1, 2, 3]), { metadata });
    const expected = { value: new Uint8Array([1, 2, 3]).buffer, metadata };
    expect(await there.getWithMetadata('key', 'arrayBuffer')).toEqual(expected);
    expect(await there.getWithMetadata('absent', 'arrayBuffer')).toEqual({ value: null, metadata: null });
  });

  test('serves what a location has read until that runs out, whatever was written elsewhere', async () => {
    await here.put('key', 'before');
    expect(await textOf(there)).toBe('before');
    time += 2000;
    await here.put('key', 'after');
    time += 57_999;
    expect(await textOf(there)).toBe('before');
    expect(await textOf(kv.at('sin'))).toBe('after');
    time += 1;
    expect(await textOf(there)).toBe('after');
  });

  test('keeps a miss like a value', async () => {
    expect(await textOf(there)).toBeNull();
    await here.put('key', 'value');
    time += 59_999;
    expect(await textOf(there)).toBeNull();
    time += 1;
    expect(await textOf(there)).toBe('value');
  });

  test('keeps what was deleted like what was overwritten', async () => {
    await here.put('key', 'value');
    expect(await textOf(there)).toBe('value');
    time += 2000;
    await here.delete('key');
    expect(await textOf(there)).toBe('value');
    expect(await textOf(here)).toBeNull();
    time += 60_000;
    expect(await textOf(there)).toBeNull();
  });

  test('does not promise a location to see its own writes', async () => {
    expect(await textOf(here)).toBeNull();
    await here.put('key', 'own');
    expect(await textOf(here)).toBeNull();
    time += 60_000;
    expect(await textOf(here)).toBe('own');
  });

  test('shows a location its own writes at once where a test wants that, and no other', async () => {
    const usual = staleKv({ now, readsOwnWrites: true });
    for (const name of ['fra', 'sfo']) expect(await textOf(usual.at(name))).toBeNull();
    await usual.at('fra').put('key', 'own');
    expect(await textOf(usual.at('fra'))).toBe('own');
    expect(await textOf(usual.at('sfo'))).toBeNull();
    time += 1000;
    await usual.at('fra').delete('key');
    expect(await textOf(usual.at('fra'))).toBeNull();
  });

  test('lets the last write win, whatever its writer had read', async () => {
    await here.put('key', 'first');
    expect([await textOf(here), await textOf(there)]).toEqual(['first', 'first']);
    time += 1000;
    await here.put('key', 'second');
    time += 1000;
    await there.put('key', 'based on the first');
    time += 60_000;
    expect([await textOf(here), await textOf(there)]).toEqual(['based on the first', 'based on the first']);
  });

  test('takes one write of a key in a second, from all locations together', async () => {
    await here.put('key', 'first');
    time += 999;
    await expect(there.put('key', 'too soon')).rejects.toThrow('KV PUT failed: 429');
    await expect(here.delete('key')).rejects.toThrow('KV DELETE failed: 429');
    await here.put('another key', 'value');
    time += 1;
    await there.put('key', 'second');
    expect(await textOf(kv.at('sin'))).toBe('second');
  });

  test('refuses a life under a minute, and ends a longer one on time, also where it was read', async () => {
    await expect(here.put('key', 'value', { expirationTtl: 59 })).rejects.toThrow('must be at least 60');
    await here.put('key', 'value', { expirationTtl: 60 });
    time += 59_999;
    expect(await textOf(there)).toBe('value');
    time += 1;
    expect(await textOf(there)).toBeNull();
    expect(await textOf(here)).toBeNull();
  });

  test('refuses keys of more than 512 bytes, and those with no name', async () => {
    await here.put('é'.repeat(256), 'value');
    expect(await textOf(there, 'é'.repeat(256))).toBe('value');
    const long = `${'é'.repeat(256)}x`;
    await expect(here.put(long, 'value')).rejects.toThrow('KV PUT failed: 414');
    await expect(here.get(long, 'arrayBuffer')).rejects.toThrow('KV GET failed: 414');
    await expect(here.delete(long)).rejects.toThrow('KV DELETE failed: 414');
    for (const key of ['', '.', '..']) await expect(here.put(key, 'value')).rejects.toThrow(TypeError);
  });

  test('refuses metadata of more than 1,024 bytes, and values of more than 25 MiB', async () => {
    const metadata = { é: 'é'.repeat(507) };
    expect(new TextEncoder().encode(JSON.stringify(metadata)).length).toBe(1023);
    await here.put('key', 'value', { metadata });
    await expect(here.put('key 2', 'value', { metadata: { é: 'é'.repeat(508) } })).rejects.toThrow('413 Metadata');
    await expect(here.put('key 3', new Uint8Array(26_214_401))).rejects.toThrow('413 Value');
    expect(await textOf(there, 'key 2')).toBeNull();
  });

  test('stores and hands out copies', async () => {
    const value = new Uint8Array([1, 2, 3]);
    const metadata = { list: [1] };
    await here.put('key', value.subarray(0, 2), { metadata });
    value[0] = 9;
    metadata.list[0] = 9;
    for (let reads = 0; reads < 2; reads++) {
      const read = await there.getWithMetadata('key', 'arrayBuffer');
      expect(read).toEqual({ value: new Uint8Array([1, 2]).buffer, metadata: { list: [1] } });
      new Uint8Array(read.value as ArrayBuffer)[0] = 9;
      (read.metadata as typeof metadata).list[0] = 9;
    }
  });
});

describe('a listing of a stale KV namespace', () => {
  test('shows what was written or deleted a minute ago, also where it was written', async () => {
    await here.put('a', 'value', { metadata: { n: 1 } });
    time += 59_999;
    for (const place of ['fra', 'sin']) expect(await namesIn(kv.at(place))).toEqual([]);
    time += 1;
    expect(await there.list({ prefix: '', limit: 10, cursor: null })).toEqual({
      keys: [{ name: 'a', metadata: { n: 1 } }],
      list_complete: true,
    });
    await here.delete('a');
    time += 59_999;
    expect(await namesIn(kv.at('lhr'))).toEqual(['a']);
    time += 1;
    expect(await namesIn(kv.at('lhr'))).toEqual(['a']); // what was listed is kept as well
    expect(await namesIn(kv.at('jfk'))).toEqual([]);
  });

  test('is kept like a value', async () => {
    expect(await namesIn(there, 'p/')).toEqual([]);
    await here.put('p/a', '');
    time += 59_999;
    expect(await namesIn(there, 'p/')).toEqual([]);
    time += 1;
    expect(await namesIn(there, 'p/')).toEqual(['p/a']);
  });

  test('shows nothing that has expired', async () => {
    await here.put('a', '', { expirationTtl: 120 });
    time += 119_999;
    expect(await namesIn(here)).toEqual(['a']);
    time += 1;
    expect(await namesIn(there)).toEqual([]);
  });

  test('comes in pages of a prefix, in order, and an empty page need not be the last', async () => {
    for (const key of ['p/c', 'q/a', 'p/a', 'p/b', 'p/d']) await here.put(key, '');
    time += 60_000;
    for (const key of ['p/b', 'p/c']) await here.delete(key);
    time += 60_000;
    const page = async (cursor: string | null) => {
      const { keys, ...rest } = await there.list({ prefix: 'p/', limit: 1, cursor });
      return { names: keys.map(({ name }) => name), cursor: rest.list_complete ? null : rest.cursor };
    };
    const pages = [await page(null)];
    for (let last = pages[0]; last?.cursor != null; last = pages.at(-1)) pages.push(await page(last.cursor));
    expect(pages.map(({ names }) => names)).toEqual([['p/a'], [], [], ['p/d']]);
  });

  test('has up to a thousand keys', async () => {
    for (const limit of [0, 1001]) {
      await expect(here.list({ prefix: '', limit, cursor: null })).rejects.toThrow('400 Invalid key_count_limit');
    }
  });
});

describe('a stale KV namespace that is never behind', () => {
  // The same promises that kvBackend keeps on the KV of workerd: what differs from it is the staleness alone.
  const contract = recordBackendContract(() => {
    const clock = () => (time += 1000); // so that no key is written twice in a second
    return kvBackend(staleKv({ now: clock, staleMs: 0, listLagMs: 0 }).at('fra'), { now });
  });
  for (const { name, run } of contract) test(`keeps a backend's promise: ${name}`, run);
});
