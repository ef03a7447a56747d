import { describe, expect, test } from 'vitest';
import type { PutOutcome, RecordBackend, RecordWrite } from '../../src/core/record-backend.ts';
import { type ContractFault, runFaulty } from '../support/contract-faults.ts';

/** A backend that changes the writes of a call before it makes them. */
const writing =
  (change: (writes: readonly RecordWrite[]) => readonly RecordWrite[]): ContractFault[2] =>
  (sound) => ({ putEach: (writes) => sound.putEach(change(writes)) });

/** A backend that makes the writes of a call in a way of its own. */
const oneByOne =
  (put: (sound: RecordBackend, write: RecordWrite) => ReturnType<RecordBackend['put']>): ContractFault[2] =>
  (sound) => ({ putEach: (writes) => Promise.all(writes.map((write) => put(sound, write))) });

const conditions = 'each write of a call has its own condition, and a conflict undoes no other';
const identities = 'of the records of one call that want one identity exactly one gets it';
const faults: readonly ContractFault[] = [
  [
    'that loses the lookups of many',
    'several records are written in one call, new ones and present ones, in any partition',
    writing((writes) => writes.map((write) => ({ ...write, record: { ...write.record, lookups: {} } }))),
  ],
  [
    'that refuses a call without writes',
    'a call without writes has no outcomes',
    (sound) => ({
      putEach: async (writes) => {
        if (writes.length === 0) throw new Error('there are no writes');
        return sound.putEach(writes);
      },
    }),
  ],
  ['that ignores conditions', conditions, writing((writes) => writes.map(({ record }) => ({ record, condition: {} })))],
  [
    'that stops at the first conflict',
    conditions,
    (sound) => ({
      putEach: async (writes) => {
        const outcomes: PutOutcome[] = [];
        let isOver = false;
        for (const { record, condition } of writes) {
          const outcome: PutOutcome = isOver ? 'conflict' : await sound.put(record, condition);
          isOver ||= outcome === 'conflict';
          outcomes.push(outcome);
        }
        return outcomes;
      },
    }),
  ],
  [
    'that answers in an order of its own',
    conditions,
    (sound) => ({ putEach: async (writes) => [...(await sound.putEach(writes))].sort() }),
  ],
  [
    'that says of all that they were stored',
    identities,
    (sound) => ({ putEach: async (writes) => (await sound.putEach(writes)).map(() => 'stored') }),
  ],
  [
    'that refuses all who want one identity',
    identities,
    (sound) => ({
      putEach: (writes) => {
        const wanted = (write: RecordWrite): string => `${write.record.partition} ${write.record.identity}`;
        const isAlone = (write: RecordWrite): boolean =>
          writes.filter((other) => wanted(other) === wanted(write)).length === 1;
        return Promise.all(
          writes.map((write) => (isAlone(write) ? sound.put(write.record, write.condition) : ('conflict' as const))),
        );
      },
    }),
  ],
  [
    'that looks at the revision of a record, but not at who has its identity',
    'a record that is written again keeps its identity against a new one of the same call',
    (sound) => ({
      putEach: async (writes) => {
        for (const { record } of writes) {
          const [holder] = await sound.find(record.partition, 'identity', [record.identity]);
          if (holder !== undefined && holder.id !== record.id) await sound.delete(holder.partition, holder.id);
        }
        return sound.putEach(writes);
      },
    }),
  ],
  [
    'that leaves claims as they are',
    'a write among others ends the claim of its owner, and no other',
    writing((writes) =>
      writes.map(({ record, condition: { claimOwner: _, ...condition } }) => ({ record, condition })),
    ),
  ],
  [
    'that ends every claim',
    'a write among others ends the claim of its owner, and no other',
    writing((writes) =>
      writes.map(({ record, condition }) => ({ record, condition: { ...condition, claimOwner: record.id } })),
    ),
  ],
  [
    'that trims the ids of many',
    'hostile ids are written in one call',
    writing((writes) => writes.map((write) => ({ ...write, record: { ...write.record, id: write.record.id.trim() } }))),
  ],
  ['that writes a hundred', 'hundreds of records are written in one call', writing((writes) => writes.slice(0, 100))],
  [
    'that looks first and writes then',
    'of concurrent calls that update the same records each record is updated once',
    oneByOne(async (sound, { record, condition }) => {
      const read = await sound.get(record.partition, record.id);
      if (read?.revision !== condition.revision) return 'conflict';
      for (;;) {
        const { revision = 1 } = (await sound.get(record.partition, record.id)) ?? {};
        if ((await sound.put(record, { revision })) === 'stored') return 'stored';
      }
    }),
  ],
  [
    'that takes an identity from whoever has just got it',
    'of concurrent calls that want the same identities each is given once',
    oneByOne(async (sound, { record, condition }) => {
      while ((await sound.put(record, condition)) === 'conflict') {
        const [holder] = await sound.find(record.partition, 'identity', [record.identity]);
        if (holder !== undefined) await sound.delete(holder.partition, holder.id);
      }
      return 'stored';
    }),
  ],
];

describe('the record contract notices a backend', () => {
  test.each(faults)('%s', async (_fault, noticedBy, fault) => {
    await expect(runFaulty(noticedBy, fault)).rejects.toThrow(/expected|holds|there/);
  });
});
