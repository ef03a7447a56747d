import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import type { RecordBackend, RecordWrite } from '../../src/core/record-backend.ts';
import { expectCode } from '../support/expect-code.ts';
import { answer, openBare, watchConnections } from './indexeddb-connections.ts';
import { kept, sampleRecord, value } from './sample-record.ts';

const partition = 'default/tokens';
let name: string;
let backend: RecordBackend;

beforeEach(() => {
  name = crypto.randomUUID();
  backend = indexedDbBackend({ name });
});
afterEach(() => vi.restoreAllMocks());

const writes = (count: number): readonly RecordWrite[] =>
  Array.from({ length: count }, (_, i) => ({ record: sampleRecord(`id ${i}`), condition: {} }));
const stored = (count: number): readonly string[] => Array(count).fill('stored');

describe('many records of IndexedDB', () => {
  test('are written in one transaction that is on disk when it is acknowledged, and none is begun for no records', async () => {
    await backend.putEach(writes(2));
    const watch = watchConnections();
    try {
      expect(await backend.putEach([])).toEqual([]);
      expect(watch.transactions).toEqual([]);
      const changes = writes(100).map(({ record }, i) => ({
        record: { ...record, revision: 2 },
        condition: i < 2 ? { revision: 1 } : {},
      }));
      expect(await backend.putEach(changes)).toEqual(stored(100));
      expect(watch.transactions).toEqual([{ mode: 'readwrite', durability: 'strict' }]);
    } finally {
      watch.stop();
    }
  });

  test('are scanned and counted in one transaction each', async () => {
    await backend.putEach(writes(20));
    const watch = watchConnections();
    try {
      const except = { keyId: 'aaaaaaaa', indexKeyId: 'cccccccc' };
      const { cursor = '' } = await backend.scan(7, { except });
      await backend.scan(7, { cursor, except });
      await backend.keyUse();
      expect(watch.transactions).toEqual(Array(3).fill({ mode: 'readonly', durability: 'default' }));
    } finally {
      watch.stop();
    }
  });

  test('are scanned without reading those before the cursor', async () => {
    await backend.putEach(writes(100));
    const { cursor = '' } = await backend.scan(95);
    const original = IDBObjectStore.prototype.getAll;
    const read: Promise<number>[] = [];
    vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(function (this: IDBObjectStore, ...args) {
      const request = original.apply(this, args as Parameters<typeof original>);
      read.push(
        new Promise((resolve) => {
          request.addEventListener('success', () => resolve(request.result.length));
        }),
      );
      return request;
    });
    expect((await backend.scan(10, { cursor })).records).toHaveLength(5);
    expect(await Promise.all(read)).toEqual([5]);
  });

  test('of several connections are updated once, and get each identity once', async () => {
    const connections = Array.from({ length: 4 }, () => indexedDbBackend({ name }));
    const records = writes(20);
    await backend.putEach(records);
    const updates = records.map(({ record }) => ({ record: { ...record, revision: 2 }, condition: { revision: 1 } }));
    const updated = await Promise.all(connections.map((one) => one.putEach(updates)));
    expect(updated.flat().filter((outcome) => outcome === 'stored')).toHaveLength(20);
    const identities = Array.from({ length: 10 }, value);
    const claimed = await Promise.all(
      connections.map((one, n) =>
        one.putEach(
          identities.map((identity, i) => ({ record: sampleRecord(`${n} ${i}`, { identity }), condition: {} })),
        ),
      ),
    );
    expect(claimed.flat().filter((outcome) => outcome === 'stored')).toHaveLength(10);
    expect(await backend.find(partition, 'identity', identities)).toHaveLength(10);
  });
});

describe('many writes to IndexedDB that fail', () => {
  const sentinel = 'sentinel-that-must-not-reach-a-log-e07d';
  const present = sampleRecord('present');
  const changes = (): readonly RecordWrite[] => [
    { record: { ...present, revision: 2 }, condition: { revision: 1 } },
    ...writes(3),
  ];
  beforeEach(() => backend.put(present, {}));

  test.each([
    ['QuotaExceededError', 'E_QUOTA'],
    ['DataError', 'E_STORAGE'],
  ])('at the third request, with %s, keep what was there', async (error, code) => {
    const original = IDBObjectStore.prototype.put;
    let requests = 0;
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, row) {
      if (++requests === 3) throw new DOMException(sentinel, error);
      return original.call(this, row);
    });
    const failure = await expectCode(code as 'E_QUOTA', backend.putEach(changes()));
    expect(`${failure.message}${failure.stack}`).not.toContain(sentinel);
    put.mockRestore();
    expect((await backend.page(partition, 10)).records).toEqual([kept(present)]);
    expect(await backend.putEach(changes())).toEqual(stored(4));
  });

  test('because the transaction is aborted before it commits, are tried once more and keep what was there', async () => {
    const original = IDBObjectStore.prototype.put;
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, row) {
      const request = original.call(this, row);
      // by then the next record is asked for
      request.addEventListener('success', () => this.transaction.abort());
      return request;
    });
    await expectCode('E_STORAGE', backend.putEach(changes()));
    expect(put).toHaveBeenCalledTimes(2);
    put.mockRestore();
    expect((await backend.page(partition, 10)).records).toEqual([kept(present)]);
  });

  test('while they commit, are not tried again', async () => {
    const commit = vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
      this.abort();
    });
    await expectCode('E_STORAGE', backend.putEach(changes()));
    expect(commit).toHaveBeenCalledTimes(1);
    commit.mockRestore();
    expect((await backend.page(partition, 10)).records).toEqual([kept(present)]);
  });
});

describe('rows of IndexedDB that somebody has altered', () => {
  test('are scanned where they have a name, and hide no others', async () => {
    const names: readonly (readonly [unknown, unknown])[] = [
      [7, 'a number'],
      [new Date(0), 'a date'],
      [new Uint8Array([1]), 'bytes'],
      [['default/tokens'], 'a list'],
      [partition, 5],
      [partition, new Date(0)],
      [partition, new Uint8Array([1])],
      [partition, ['one']],
      [partition, 'garbled'],
      ['', ''],
    ];
    await backend.putEach([...writes(3), { record: sampleRecord('one', { partition: 'z/tokens' }), condition: {} }]);
    const database = await openBare(name);
    const records = database.transaction('records', 'readwrite').objectStore('records');
    for (const [altered, id] of names) await answer(records.put({ partition: altered, id, keyId: {}, sealed: 'text' }));
    database.close();
    for (const limit of [1, 2, 100]) {
      const shown: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await backend.scan(limit, cursor === undefined ? {} : { cursor });
        shown.push(...page.records.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor !== undefined && shown.length < 100);
      expect(shown).toEqual(['', 'garbled', 'id 0', 'id 1', 'id 2', 'one']);
    }
    expect(await backend.keyUse()).toEqual([
      { keyId: '', indexKeyId: '', records: 2 },
      { keyId: 'aaaaaaaa', indexKeyId: 'bbbbbbbb', records: 4 },
    ]);
    expect((await backend.keyUse(partition)).map(({ records: count }) => count)).toEqual([1, 3]);
  });

  test.each(['', 'one', '{}', '["a"]', '["a",1]', '[["a"],"b"]', 'null', '[1,2]'])(
    'are not reached by a cursor that is none: %s',
    async (cursor) => {
      await expectCode('E_INPUT', backend.scan(10, { cursor }));
    },
  );
});
