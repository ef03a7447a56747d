import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { expectCode } from '../support/expect-code.ts';
import { answer, type ConnectionWatch, openBare, watchConnections } from './indexeddb-connections.ts';
import { kept, sampleRecord } from './sample-record.ts';

const partition = 'default/tokens';
let name: string;
let watch: ConnectionWatch | undefined;

beforeEach(() => {
  name = crypto.randomUUID();
});

afterEach(() => {
  watch?.stop();
  watch = undefined;
  vi.useRealTimers();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(navigator, 'storage');
});

describe('the IndexedDB backend', () => {
  test('opens nothing before it is used, and then one connection', async () => {
    watch = watchConnections();
    const backend = indexedDbBackend({ name });
    expect(watch.opened).toBe(0);
    await Promise.all([backend.get(partition, 'a'), backend.put(sampleRecord('b'), {}), backend.page(partition, 10)]);
    await backend.get(partition, 'b');
    expect(watch.opened).toBe(1);
    expect(watch.connections).toHaveLength(1);
  });

  test('lets go of the database at once when another tab deletes it, and makes a new one', async () => {
    const backend = indexedDbBackend({ name });
    await backend.put(sampleRecord('one'), {});
    const blocked: unknown[] = [];
    await deleteDB(name, { blocked: () => blocked.push('blocked') });
    expect(blocked).toEqual([]);
    expect(await backend.get(partition, 'one')).toBeUndefined();
    const record = sampleRecord('one');
    expect(await backend.put(record, {})).toBe('stored');
    expect(await backend.get(partition, 'one')).toEqual(kept(record));
  });

  test('lets go of the database at once when another tab upgrades it, and then says to reload', async () => {
    const backend = indexedDbBackend({ name });
    await backend.put(sampleRecord('one'), {});
    const blocked: unknown[] = [];
    const request = indexedDB.open(name, 2);
    request.addEventListener('blocked', () => blocked.push('blocked'));
    const upgraded = await answer(request);
    expect(blocked).toEqual([]);
    const error = await expectCode('E_STORAGE', backend.get(partition, 'one'));
    expect(error.message).toContain('reload');
    upgraded.close();
  });

  test('finishes what is under way when another tab wants the database', async () => {
    const backend = indexedDbBackend({ name });
    await backend.get(partition, 'open');
    const outcomes = await Promise.all([
      ...Array.from({ length: 20 }, (_, i) => backend.put(sampleRecord(`id ${i}`), {})),
      deleteDB(name),
    ]);
    expect(outcomes.slice(0, 20)).toEqual(Array(20).fill('stored'));
  });

  test('opens again, and asks once more, when its connection was closed under it', async () => {
    const backend = indexedDbBackend({ name });
    const record = sampleRecord('one');
    await backend.put(record, {});
    watch = watchConnections();
    await backend.get(partition, 'one');
    watch.connections[0]?.close();
    expect(await backend.get(partition, 'one')).toEqual(kept(record));
    watch.connections[1]?.close();
    expect(await backend.put({ ...record, revision: 2 }, { revision: 1 })).toBe('stored');
    expect(watch.opened).toBe(2);
  });

  test('opens one new connection for many operations that lose theirs', async () => {
    const backend = indexedDbBackend({ name });
    await backend.put(sampleRecord('one'), {});
    watch = watchConnections();
    await backend.get(partition, 'one');
    watch.connections[0]?.close();
    const reads = await Promise.all(Array.from({ length: 10 }, () => backend.get(partition, 'one')));
    expect(reads.every((record) => record?.id === 'one')).toBe(true);
    expect(watch.opened).toBe(1);
  });

  test('opens again after the browser has ended the connection', async () => {
    const backend = indexedDbBackend({ name });
    await backend.put(sampleRecord('one'), {});
    watch = watchConnections();
    await backend.get(partition, 'one');
    const [connection] = watch.connections;
    connection?.dispatchEvent(new Event('close'));
    connection?.close();
    expect(await backend.get(partition, 'one')).toMatchObject({ id: 'one' });
    expect(watch.opened).toBe(1);
    expect(watch.transactions).toHaveLength(2);
  });

  test.each(['InvalidStateError', 'UnknownError'])('asks no third time when %s does not go away', async (error) => {
    let asked = 0;
    watch = watchConnections(() => {
      asked++;
      throw new DOMException('sentinel-that-must-not-reach-a-log-c3e9', error);
    });
    const backend = indexedDbBackend({ name });
    const failure = await expectCode('E_STORAGE', backend.put(sampleRecord('one'), {}));
    expect(failure.message).not.toContain('sentinel');
    expect(asked).toBe(2);
    watch.stop();
    expect(await backend.put(sampleRecord('one'), {})).toBe('stored');
  });

  test('does not ask again what another connection would not answer either', async () => {
    let asked = 0;
    watch = watchConnections(() => {
      asked++;
      throw new DOMException('', 'NotFoundError');
    });
    await expectCode('E_STORAGE', indexedDbBackend({ name }).get(partition, 'one'));
    expect(asked).toBe(1);
  });

  test('says so when the database does not open in time, and opens it later', async () => {
    const bare = await openBare(name);
    const deleted = deleteDB(name); // Waits for the bare connection, and whoever opens the database waits for it.
    await new Promise((resolve) => bare.addEventListener('versionchange', resolve));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const backend = indexedDbBackend({ name });
    const read = expectCode('E_STORAGE', backend.get(partition, 'one'));
    await vi.advanceTimersByTimeAsync(5000);
    expect((await read).message).toContain('close other tabs');
    vi.useRealTimers();
    bare.close();
    await deleted;
    expect(await backend.put(sampleRecord('one'), {})).toBe('stored');
    expect(await backend.get(partition, 'one')).toMatchObject({ id: 'one' });
    // Also the connection that came too late has been closed: nobody is in the way.
    const blocked: unknown[] = [];
    await deleteDB(name, { blocked: () => blocked.push('blocked') });
    expect(blocked).toEqual([]);
  });

  test('says so when another tab holds an older version', async () => {
    const bare = await openBare(name);
    const { open } = IDBFactory.prototype;
    // As the next version of this library would.
    IDBFactory.prototype.open = function (database) {
      return open.call(this, database, 2);
    };
    try {
      const error = await expectCode('E_STORAGE', indexedDbBackend({ name }).get(partition, 'one'));
      expect(error.message).toContain('another tab holds an older version');
    } finally {
      IDBFactory.prototype.open = open;
      bare.close();
    }
  });

  test('says so where there is no IndexedDB, or where it is forbidden', async () => {
    vi.stubGlobal('indexedDB', undefined);
    const backend = indexedDbBackend({ name });
    await expectCode('E_UNSUPPORTED', backend.get(partition, 'one'));
    await expectCode('E_UNSUPPORTED', backend.page(partition, 10));
    vi.stubGlobal('indexedDB', {
      open: () => {
        throw new DOMException('sentinel', 'SecurityError');
      },
    });
    const error = await expectCode('E_STORAGE', backend.get(partition, 'one'));
    expect(error.message).toContain('allow site data');
    vi.unstubAllGlobals();
    expect(await backend.get(partition, 'one')).toBeUndefined();
  });

  test('asks once to keep the data, without waiting for the answer or minding it', async () => {
    // Not every engine has it, so all get the same one.
    const persist = vi.fn<() => Promise<boolean>>(() => new Promise(() => undefined));
    Object.defineProperty(navigator, 'storage', { configurable: true, value: { persist } });
    const backend = indexedDbBackend({ name });
    await backend.get(partition, 'one');
    expect(persist).not.toHaveBeenCalled();
    await backend.put(sampleRecord('one'), {});
    await backend.put(sampleRecord('two'), {});
    expect(persist).toHaveBeenCalledOnce();
    persist.mockRejectedValue(new Error('no'));
    await indexedDbBackend({ name }).put(sampleRecord('three'), {});
    persist.mockImplementation(() => {
      throw new Error('never');
    });
    await indexedDbBackend({ name }).put(sampleRecord('four'), {});
    Object.defineProperty(navigator, 'storage', { configurable: true, value: undefined });
    await indexedDbBackend({ name }).put(sampleRecord('five'), {});
    expect((await backend.page(partition, 10)).records).toHaveLength(5);
  });
});
