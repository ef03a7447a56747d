import { describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { KeptRecord, StoredRecord } from '../../src/core/record-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';
import { type ContractFault, runFaulty } from '../support/contract-faults.ts';

const renamed = (change: (id: string) => string): ContractFault[2] => {
  const put = (record: StoredRecord): StoredRecord => ({ ...record, id: change(record.id) });
  return (sound) => ({
    get: (partition, id) => sound.get(partition, change(id)),
    put: (record, condition) => sound.put(put(record), condition),
    delete: (partition, id) => sound.delete(partition, change(id)),
  });
};

const faults: readonly ContractFault[] = [
  [
    'that returns null for a miss',
    'a record that is not there reads as undefined',
    (sound) => ({ get: async (...args) => (await sound.get(...args)) ?? (null as never) }),
  ],
  [
    'that loses a field',
    'a record is read back exactly as it was written',
    (sound) => ({ put: (record, condition) => sound.put({ ...record, expiresAt: 0 }, condition) }),
  ],
  [
    'that hands out the bytes it keeps',
    'the bytes handed in and handed out are copies',
    (sound) => {
      const seen = new Map<string, KeptRecord | undefined>();
      return {
        get: async (partition, id) => {
          if (!seen.has(partition + id)) seen.set(partition + id, await sound.get(partition, id));
          return seen.get(partition + id);
        },
      };
    },
  ],
  [
    'that keeps the buffer behind a window',
    'bytes that are a window on a larger buffer are stored as what the window shows',
    (sound) => ({
      put: (record, condition) => sound.put({ ...record, sealed: new Uint8Array(record.sealed.buffer) }, condition),
    }),
  ],
  [
    'that does not delete',
    'a deleted record is gone, and so is nothing else',
    () => ({ delete: async () => undefined }),
  ],
  [
    'that fails to delete what is not there',
    'deleting a record that is not there succeeds',
    (sound) => ({
      delete: async (partition, id) => {
        if ((await sound.get(partition, id)) === undefined) throw new Error('not there');
        await sound.delete(partition, id);
      },
    }),
  ],
  [
    'that compares no revisions',
    'an update whose revision is not the stored one changes nothing',
    (sound) => ({
      put: async (record, condition) => {
        const current = await sound.get(record.partition, record.id);
        return sound.put(record, current === undefined ? {} : { ...condition, revision: current.revision });
      },
    }),
  ],
  [
    'that compares first and sets later',
    'of concurrent updates of one revision exactly one is stored',
    (sound) => ({
      put: async (record, condition) => {
        const current = await sound.get(record.partition, record.id);
        if (current?.revision !== condition.revision) return 'conflict';
        for (;;) {
          const revision = (await sound.get(record.partition, record.id))?.revision;
          const outcome = await sound.put(record, revision === undefined ? {} : { revision });
          if (outcome === 'stored') return outcome;
        }
      },
    }),
  ],
  [
    'that inserts over what is there',
    'a new record does not replace one with its id',
    (sound) => ({
      put: async (record, condition) => {
        if (condition.revision === undefined) await sound.delete(record.partition, record.id);
        return sound.put(record, condition);
      },
    }),
  ],
  [
    'that does not mind one identity twice',
    'two records of one identity are not both stored',
    (sound) => ({
      put: async (record, condition) => {
        const identity = crypto.getRandomValues(new Uint8Array(16));
        const outcome = await sound.put(record, condition);
        return outcome === 'stored' ? outcome : sound.put({ ...record, identity }, condition);
      },
    }),
  ],
  [
    'that searches all fields',
    'the value of one field finds nothing in another',
    (sound) => ({
      find: async (partition, _field, values) =>
        (
          await Promise.all([
            sound.find(partition, 'accessToken', values),
            sound.find(partition, 'refreshToken', values),
          ])
        ).flat(),
    }),
  ],
  [
    'that searches for the first value only',
    'several values find the records of any of them, each once',
    (sound) => ({ find: (partition, field, values) => sound.find(partition, field, values.slice(0, 1)) }),
  ],
  [
    'that finds a record once for each value',
    'several values find the records of any of them, each once',
    (sound) => ({
      find: async (partition, field, values) =>
        (await Promise.all(values.map((value) => sound.find(partition, field, [value])))).flat(),
    }),
  ],
  [
    'that keeps old lookups',
    'an update drops the lookups that the record no longer has',
    (sound) => ({
      put: async (record, condition) => {
        const before = await sound.get(record.partition, record.id);
        return sound.put({ ...record, lookups: { ...before?.lookups, ...record.lookups } }, condition);
      },
    }),
  ],
  [
    'that returns more than a page',
    'the pages hold every record of the partition, whole and once',
    (sound) => ({ page: (partition, limit, cursor) => sound.page(partition, limit + 1, cursor) }),
  ],
  [
    'that returns one page of a thousand',
    'more than a thousand records are listed, counted, found and cleared',
    (sound) => ({ page: async (partition) => ({ records: (await sound.page(partition, 1000)).records }) }),
  ],
  [
    'that pages by position',
    'records that come and go between two pages do not hide others',
    (sound) => ({
      page: async (partition, limit, cursor = '0') => {
        const start = Number(cursor);
        const { records } = await sound.page(partition, 100);
        const next = records.length > start + limit ? { cursor: `${start + limit}` } : {};
        return { records: records.slice(start, start + limit), ...next };
      },
    }),
  ],
  [
    'that clears by prefix',
    'clearing a partition clears nothing else',
    (sound) => ({
      clear: async (partition) => {
        await sound.clear(partition);
        await sound.clear(`${partition}-2`);
      },
    }),
  ],
  [
    'that takes 0 for an expiry',
    'expired records are deleted with their lookups, and no others',
    (sound) => ({
      put: (record, condition) => sound.put({ ...record, expiresAt: record.expiresAt || 1 }, condition),
    }),
  ],
  [
    'that deletes all that has expired',
    'no more expired records are deleted at once than asked for',
    (sound) => ({ deleteExpired: (now) => sound.deleteExpired(now, 1_000_000) }),
  ],
  ['that trims ids', 'hostile ids name records of their own', renamed((id) => id.trim())],
  ['that ignores case', 'hostile ids name records of their own', renamed((id) => id.toLowerCase())],
  ['that normalizes ids', 'hostile ids name records of their own', renamed((id) => id.normalize())],
  ['that ends ids at NUL', 'hostile ids name records of their own', renamed((id) => id.split('\0')[0] ?? '')],
  ['that cuts ids', 'hostile ids name records of their own', renamed((id) => id.slice(0, 100))],
  [
    'that ignores the case of partitions',
    'hostile partitions are kept apart',
    (sound) => ({ put: (record, rest) => sound.put({ ...record, partition: record.partition.toLowerCase() }, rest) }),
  ],
];

describe('the record contract notices a backend', () => {
  test.each(faults)('%s', async (_fault, noticedBy, fault) => {
    await expect(runFaulty(noticedBy, fault)).rejects.toThrow(/expected|could not be stored|holds|there/);
  });
});

describe('the record contract', () => {
  test('names every promise once', () => {
    const names = recordBackendContract(() => memoryBackend()).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('demands that a backend without compare-and-set refuses claims', async () => {
    const capabilities = { compareAndSet: false, strongReads: false, atomicClear: false };
    const contract = recordBackendContract(() => ({ ...memoryBackend(), capabilities }));
    const claims = contract.find(({ name }) => name === 'of concurrent claims exactly one is granted');
    await expect(claims?.run()).rejects.toThrow('expected E_UNSUPPORTED, but it resolved');
  });
});
