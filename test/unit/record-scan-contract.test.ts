import { describe, expect, test } from 'vitest';
import type { KeptRecord, RecordBackend, RecordPage } from '../../src/core/record-backend.ts';
import { type ContractFault, runFaulty } from '../support/contract-faults.ts';

/** A backend that shows other pages of a scan. */
const showing =
  (change: (page: RecordPage) => RecordPage): ContractFault[2] =>
  (sound) => ({ scan: async (...args) => change(await sound.scan(...args)) });

const changed = (change: (record: KeptRecord) => KeptRecord): ContractFault[2] =>
  showing((page) => ({ ...page, records: page.records.map(change) }));

const whole = 'a scan shows the records of all partitions, whole and once';
const exceptions = 'a scan leaves out the records that have exactly the keys, and no others';
const changes = 'records that are written again and deleted during a scan hide no others';
const pairs = 'records are counted by the pair of their keys, in a partition and in all';

const faults: readonly ContractFault[] = [
  [
    'that shows a record of each page alone',
    whole,
    showing(({ cursor, records }) => ({ records: records.slice(0, 1), ...(cursor && { cursor }) })),
  ],
  ['that forgets the lookups', whole, changed((record) => ({ ...record, lookups: {} }))],
  [
    'that shows records twice',
    whole,
    showing((page) => ({ ...page, records: page.records.flatMap((one) => [one, one]) })),
  ],
  [
    'that never ends',
    whole,
    (sound) => ({
      scan: async (limit, options) => {
        const { records, cursor = options?.cursor } = await sound.scan(limit, options);
        return cursor === undefined ? { records } : { records, cursor };
      },
    }),
  ],
  ['that has no second page', whole, showing(({ records }) => ({ records }))],
  [
    'that leaves nothing out',
    exceptions,
    (sound) => ({ scan: (limit, { except: _, ...options } = {}) => sound.scan(limit, options) }),
  ],
  [
    'that leaves out what has either key',
    exceptions,
    (sound) => ({
      scan: async (limit, options) => {
        const page = await sound.scan(limit, options);
        const { keyId, indexKeyId } = options?.except ?? {};
        return { ...page, records: page.records.filter((one) => one.keyId !== keyId && one.indexKeyId !== indexKeyId) };
      },
    }),
  ],
  [
    'that forgets claims',
    'a scan shows in whose hands a record is',
    changed((record) => ({ ...record, claim: { owner: '', heldMs: 0, coolingMs: 0 } })),
  ],
  [
    'that shows another order each time',
    'the order of a scan is stable, and a cursor can be used again',
    (sound) => {
      let calls = 0;
      return {
        scan: async (...args) => {
          const page = await sound.scan(...args);
          return calls++ % 2 === 0 ? page : { ...page, records: [...page.records].reverse() };
        },
      };
    },
  ],
  [
    'that scans by position',
    changes,
    (sound) => ({
      scan: async (limit, { cursor = '0', except } = {}) => {
        const { records } = await sound.scan(1000, except && { except });
        const start = Number(cursor);
        const next = records.length > start + limit ? { cursor: `${start + limit}` } : {};
        return { records: records.slice(start, start + limit), ...next };
      },
    }),
  ],
  [
    'that cuts ids',
    'hostile ids are scanned like others',
    changed((record) => ({ ...record, id: record.id.slice(0, 100) })),
  ],
  [
    'that lets the words of its database out',
    'a cursor that nobody was given is refused, or leads to a page like any other',
    (sound) => ({
      scan: (...args) =>
        sound.scan(...args).catch(() => {
          throw new Error('there is an unexpected token in the JSON');
        }),
    }),
  ],
  ['that counts all partitions', pairs, (sound) => ({ keyUse: () => sound.keyUse() })],
  [
    'that counts by the sealing key only',
    pairs,
    (sound) => ({
      keyUse: async (partition) => (await sound.keyUse(partition)).map((use) => ({ ...use, indexKeyId: use.keyId })),
    }),
  ],
  [
    'that counts pairs, not records',
    pairs,
    (sound) => ({
      keyUse: async (partition) => (await sound.keyUse(partition)).map((use) => ({ ...use, records: 1 })),
    }),
  ],
  [
    'that lists a pair nobody has',
    'an empty partition uses no keys',
    (sound) => ({
      keyUse: async (partition) => [...(await sound.keyUse(partition)), { keyId: '', indexKeyId: '', records: 0 }],
    }),
  ],
  [
    'that remembers its first count',
    'a key is used no more when its records have another one or are gone',
    (sound) => {
      const counted = new Map<string | undefined, Awaited<ReturnType<RecordBackend['keyUse']>>>();
      return {
        keyUse: async (partition) => {
          counted.set(partition, counted.get(partition) ?? (await sound.keyUse(partition)));
          return counted.get(partition) ?? [];
        },
      };
    },
  ],
];

describe('the record contract notices a backend', () => {
  test.each(faults)('%s', async (_fault, noticedBy, fault) => {
    await expect(runFaulty(noticedBy, fault)).rejects.toThrow(/expected|holds|there/);
  });
});
