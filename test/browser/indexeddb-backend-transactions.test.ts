import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import type { RecordBackend, StoredRecord } from '../../src/core/record-backend.ts';
import { expectCode } from '../support/expect-code.ts';
import { answer, openBare, watchConnections } from './indexeddb-connections.ts';
import { kept, sampleRecord, value } from './sample-record.ts';

const partition = 'default/tokens';
let name: string;

beforeEach(() => {
  name = crypto.randomUUID();
});

afterEach(() => vi.restoreAllMocks());

const read = [{ mode: 'readonly', durability: 'default' }];
const write = [{ mode: 'readwrite', durability: 'strict' }];

describe('the IndexedDB backend runs one transaction', () => {
  const record = sampleRecord('one', { expiresAt: 5000 });
  const claim = { revision: 2, owner: 'a', ttlMs: 60_000 };
  test.each<[string, typeof read, (backend: RecordBackend) => Promise<unknown>]>([
    ['to read a record', read, (backend) => backend.get(partition, 'one')],
    ['to find by lookups', read, (backend) => backend.find(partition, 'userName', [value(), value()])],
    ['to find by identity', read, (backend) => backend.find(partition, 'identity', [record.identity])],
    ['to list', read, (backend) => backend.page(partition, 10)],
    ['to count', read, (backend) => backend.keyUse()],
    ['to write a new record', write, (backend) => backend.put(sampleRecord('two'), {})],
    ['to update a record', write, (backend) => backend.put({ ...record, revision: 2 }, { revision: 1 })],
    ['to be refused a write', write, (backend) => backend.put({ ...record, revision: 9 }, { revision: 8 })],
    ['to claim', write, (backend) => backend.claim(partition, 'one', { ...claim, revision: 1 })],
    ['to be refused a claim', write, (backend) => backend.claim(partition, 'one', { ...claim, revision: 7 })],
    ['to release', write, (backend) => backend.release(partition, 'one', { owner: 'a' })],
    ['to delete a record', write, (backend) => backend.delete(partition, 'one')],
    ['to clear a partition', write, (backend) => backend.clear(partition)],
    ['to list what is due', read, (backend) => backend.due(partition, 5000, 10)],
    ['to delete expired records', write, (backend) => backend.deleteExpired(5000, 10)],
  ])('%s', async (_name, expected, run) => {
    const backend = indexedDbBackend({ name });
    await backend.put(record, {});
    const watch = watchConnections();
    try {
      await run(backend);
      expect(watch.transactions).toEqual(expected);
    } finally {
      watch.stop();
    }
  });
});

describe('several connections to one IndexedDB database', () => {
  const connections = () => Array.from({ length: 4 }, () => indexedDbBackend({ name }));

  test('see what the others have written', async () => {
    const [one, two] = connections() as [RecordBackend, RecordBackend];
    const record = sampleRecord('one');
    await one.put(record, {});
    expect(await two.get(partition, 'one')).toEqual(kept(record));
    await two.delete(partition, 'one');
    expect(await one.get(partition, 'one')).toBeUndefined();
  });

  test('store one record of an identity', async () => {
    const identity = value();
    const outcomes = await Promise.all(
      connections().map((backend, i) => backend.put(sampleRecord(`id ${i}`, { identity }), {})),
    );
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
    expect(await connections()[0]?.find(partition, 'identity', [identity])).toHaveLength(1);
  });

  test('let one of them update a revision, and one of them claim it', async () => {
    const backends = connections();
    const record = sampleRecord('one');
    await backends[0]?.put(record, {});
    const claims = await Promise.all(
      backends.map((backend, i) => backend.claim(partition, 'one', { revision: 1, owner: `${i}`, ttlMs: 60_000 })),
    );
    expect(claims.filter(({ granted }) => granted)).toHaveLength(1);
    const outcomes = await Promise.all(
      backends.map((backend) => backend.put({ ...record, revision: 2, sealed: value() }, { revision: 1 })),
    );
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
  });

  test('of different names share nothing', async () => {
    const [one, two] = [indexedDbBackend({ name }), indexedDbBackend({ name: `${name}-2` })];
    await one.put(sampleRecord('one'), {});
    expect(await two.get(partition, 'one')).toBeUndefined();
    await two.clear(partition);
    expect(await one.get(partition, 'one')).toMatchObject({ id: 'one' });
  });
});

describe('what IndexedDB holds', () => {
  const rows = async (): Promise<any[]> => {
    const database = await openBare(name);
    const all = await answer(database.transaction('records').objectStore('records').getAll());
    database.close();
    return all;
  };

  test('is the bytes handed in, without the buffer they are a window on', async () => {
    const buffer = crypto.getRandomValues(new Uint8Array(4096));
    const window = (start: number): StoredRecord['sealed'] => buffer.subarray(start, start + 16);
    const record = sampleRecord('one', {
      sealed: window(0),
      identity: window(100),
      lookups: { userName: window(200) },
    });
    await indexedDbBackend({ name }).put(record, {});
    const [row] = await rows();
    for (const bytes of [row.sealed, row.identity, row.lookups[0][2]]) expect(bytes.buffer.byteLength).toBe(16);
  });

  test('may be altered into something else, and the other records are still listed and found', async () => {
    const backend = indexedDbBackend({ name });
    const sound = sampleRecord('sound');
    for (const record of [sampleRecord('a'), sampleRecord('b'), sampleRecord('c'), sound])
      await backend.put(record, {});
    const database = await openBare(name);
    const records = database.transaction('records', 'readwrite').objectStore('records');
    const garbled = {
      sealed: 'text',
      identity: 7,
      lookups: 'none',
      claim: null,
      revision: 'x',
      keyId: {},
      expiresAt: {},
      dueAt: 'soon',
    };
    await answer(records.put({ partition, id: 'a', ...garbled }));
    await answer(records.put({ partition, id: 'b' }));
    await answer(records.put({ partition, id: 'c', lookups: [7, null, ['x'], [partition, {}, 7]] }));
    database.close();
    const page = await backend.page(partition, 10);
    expect(page.records.map(({ id, revision, sealed }) => [id, revision, sealed.length])).toEqual([
      ['a', 0, 0],
      ['b', 0, 0],
      ['c', 0, 0],
      ['sound', 1, 16],
    ]);
    expect(await backend.find(partition, 'identity', [sound.identity])).toEqual([kept(sound)]);
    expect(await backend.claim(partition, 'b', { revision: 1, owner: 'a', ttlMs: 1000 })).toEqual({ granted: false });
    await backend.clear(partition);
    expect(await rows()).toEqual([]);
  });
});

describe('an IndexedDB write that fails', () => {
  const sentinel = 'sentinel-that-must-not-reach-a-log-e07d';

  test.each([
    ['the request is refused', 'QuotaExceededError', 'E_QUOTA'],
    ['the request is refused', 'DataError', 'E_STORAGE'],
  ])('because %s with %s, keeps the previous record', async (_when, error, code) => {
    const backend = indexedDbBackend({ name });
    const record = sampleRecord('one');
    await backend.put(record, {});
    const spies = (['put', 'add'] as const).map((method) =>
      vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(() => {
        throw new DOMException(sentinel, error);
      }),
    );
    const update = { ...record, revision: 2, sealed: value() };
    const failures = [
      await expectCode(code as 'E_QUOTA', backend.put(update, { revision: 1 })),
      await expectCode(code as 'E_QUOTA', backend.put(sampleRecord('two'), {})),
      await expectCode(code as 'E_QUOTA', backend.claim(partition, 'one', { revision: 1, owner: 'a', ttlMs: 1000 })),
    ];
    expect(spies.map((spy) => spy.mock.calls.length)).toEqual([2, 1]);
    for (const failure of failures) expect(`${failure.message}${failure.stack}`).not.toContain(sentinel);
    for (const spy of spies) spy.mockRestore();
    expect((await backend.page(partition, 10)).records).toEqual([kept(record)]);
    expect(await backend.put(update, { revision: 1 })).toBe('stored');
  });

  test('because the transaction is aborted before it commits, is tried once more and keeps the previous record', async () => {
    const backend = indexedDbBackend({ name });
    const record = sampleRecord('one');
    await backend.put(record, {});
    const original = IDBObjectStore.prototype.put;
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, row) {
      const request = original.call(this, row);
      this.transaction.abort();
      return request;
    });
    await expectCode('E_STORAGE', backend.put({ ...record, revision: 2 }, { revision: 1 }));
    expect(put).toHaveBeenCalledTimes(2);
    put.mockRestore();
    expect(await backend.get(partition, 'one')).toEqual(kept(record));
  });

  test('while it commits, is not tried again', async () => {
    const backend = indexedDbBackend({ name });
    const record = sampleRecord('one');
    await backend.put(record, {});
    const commit = vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
      this.abort();
    });
    await expectCode('E_STORAGE', backend.put({ ...record, revision: 2 }, { revision: 1 }));
    expect(commit).toHaveBeenCalledTimes(1);
    commit.mockRestore();
    expect(await backend.get(partition, 'one')).toEqual(kept(record));
  });

  test('after its request was accepted, is a conflict where the identity is taken and keeps the previous records', async () => {
    const backend = indexedDbBackend({ name });
    const [first, second] = [sampleRecord('first'), sampleRecord('second')];
    await backend.put(first, {});
    await backend.put(second, {});
    const { identity } = first;
    expect(await backend.put({ ...second, revision: 2, identity }, { revision: 1 })).toBe('conflict');
    expect(await backend.put(sampleRecord('third', { identity }), {})).toBe('conflict');
    expect(await backend.put(sampleRecord('first'), {})).toBe('conflict');
    expect((await backend.page(partition, 10)).records).toEqual([kept(first), kept(second)]);
  });

  test('after its request was accepted, says why: the transaction itself would not', async () => {
    const backend = indexedDbBackend({ name });
    const record = sampleRecord('one');
    await backend.put(record, {});
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, row) {
      // Refused as for want of room, by a request that fails on its own account.
      const request = this.add(row);
      vi.spyOn(request, 'error', 'get').mockReturnValue(new DOMException(sentinel, 'QuotaExceededError'));
      return request as IDBRequest<IDBValidKey>;
    });
    const failure = await expectCode('E_QUOTA', backend.put({ ...record, revision: 2 }, { revision: 1 }));
    expect(`${failure.message}${failure.stack}`).not.toContain(sentinel);
    put.mockRestore();
    expect(await backend.get(partition, 'one')).toEqual(kept(record));
  });
});
