import type { PutOutcome, RecordBackend, StoredRecord } from '../core/record-backend.ts';
import { assertEqual } from './assert-equal.ts';
import { type RecordCases, randomBytes, unclaimedRecord } from './record-scenario.ts';

const writers = 8;

/** Which of the records, all written at once under one condition, were stored. */
async function race(
  backend: RecordBackend,
  records: readonly StoredRecord[],
  revision?: number,
): Promise<StoredRecord[]> {
  const condition = revision === undefined ? {} : { revision };
  const outcomes: PutOutcome[] = await Promise.all(records.map((record) => backend.put(record, condition)));
  return records.filter((_, i) => outcomes[i] === 'stored');
}

/** What a record backend promises about the conditions of a write, and about writers who meet. */
export const recordConflictCases: RecordCases = {
  'a new record does not replace one with its id': async ({ backend, partition, add, sample }) => {
    const first = await add('one');
    const lookup = randomBytes(16);
    const second = sample('one', { lookups: { userName: lookup } });
    assertEqual(await backend.put(second, {}), 'conflict', 'the second record');
    assertEqual(await backend.get(partition, 'one'), unclaimedRecord(first), 'the stored record');
    assertEqual(await backend.find(partition, 'userName', [lookup]), [], 'a search for the refused one');
  },

  'an update whose revision is not the stored one changes nothing': async ({ backend, partition, add, sample }) => {
    const stored = await add('one', { revision: 3, lookups: { userName: randomBytes(16) } });
    const lookup = randomBytes(16);
    const next = sample('one', { revision: 4, lookups: { userName: lookup } });
    for (const revision of [1, 2, 4])
      assertEqual(await backend.put(next, { revision }), 'conflict', `revision ${revision}`);
    assertEqual(await backend.get(partition, 'one'), unclaimedRecord(stored), 'the stored record');
    assertEqual(await backend.find(partition, 'userName', [lookup]), [], 'a search for the refused one');
  },

  'an update of a record that is not there creates none': async ({ backend, partition, add, sample }) => {
    assertEqual(await backend.put(sample('one', { revision: 2 }), { revision: 1 }), 'conflict', 'never stored');
    await add('one');
    await backend.delete(partition, 'one');
    assertEqual(await backend.put(sample('one', { revision: 2 }), { revision: 1 }), 'conflict', 'deleted meanwhile');
    assertEqual(await backend.get(partition, 'one'), undefined, 'the record');
  },

  'two records of one identity are not both stored': async ({ backend, partition, add, sample }) => {
    const first = await add('first');
    const second = sample('second', { identity: first.identity });
    assertEqual(await backend.put(second, {}), 'conflict', 'the second record');
    assertEqual((await backend.page(partition, 10)).records, [unclaimedRecord(first)], 'the listing');
  },

  'an update does not take the identity of another record': async ({ backend, partition, add, sample }) => {
    const first = await add('first');
    const second = await add('second', { lookups: { userName: randomBytes(16) } });
    const thief = sample('second', { revision: 2, identity: first.identity });
    assertEqual(await backend.put(thief, { revision: 1 }), 'conflict', 'the update');
    assertEqual(await backend.get(partition, 'first'), unclaimedRecord(first), 'the first record');
    assertEqual(await backend.get(partition, 'second'), unclaimedRecord(second), 'the second record');
  },

  'an identity is free again when its record is deleted or has got another': async ({
    backend,
    partition,
    add,
    sample,
  }) => {
    const deleted = await add('deleted');
    const moved = await add('moved');
    await backend.delete(partition, 'deleted');
    assertEqual(await backend.put(sample('moved', { revision: 2 }), { revision: 1 }), 'stored', 'the move');
    await add('next', { identity: deleted.identity });
    await add('last', { identity: moved.identity });
  },

  'one id and one identity may stand in two partitions': async ({ backend, partition, neighbour, add }) => {
    const here = await add('one');
    const there = await add('one', { partition: neighbour, identity: here.identity });
    assertEqual(await backend.get(partition, 'one'), unclaimedRecord(here), 'in the one');
    assertEqual(await backend.get(neighbour, 'one'), unclaimedRecord(there), 'in the other');
  },

  'writers of different records do not disturb each other': async ({ backend, partition, sample }) => {
    const lookup = randomBytes(16);
    const records = Array.from({ length: writers }, (_, i) => sample(`id ${i}`, { lookups: { userName: lookup } }));
    assertEqual((await race(backend, records)).length, writers, 'records stored');
    const found = await backend.find(partition, 'userName', [lookup]);
    assertEqual(
      found.map(({ id }) => id).sort(),
      records.map(({ id }) => id),
      'records found',
    );
  },

  'of concurrent first writes of one identity exactly one is stored': async ({ backend, partition, sample }) => {
    if (!backend.capabilities.compareAndSet) return;
    const identity = randomBytes(16);
    const stored = await race(
      backend,
      Array.from({ length: writers }, (_, i) => sample(`id ${i}`, { identity })),
    );
    assertEqual(stored.length, 1, 'records stored');
    assertEqual((await backend.page(partition, 10)).records, stored.map(unclaimedRecord), 'the listing');
  },

  'of concurrent first writes of one id exactly one is stored': async ({ backend, partition, sample }) => {
    if (!backend.capabilities.compareAndSet) return;
    const stored = await race(
      backend,
      Array.from({ length: writers }, () => sample('one')),
    );
    assertEqual(stored.length, 1, 'records stored');
    assertEqual((await backend.page(partition, 10)).records, stored.map(unclaimedRecord), 'the listing');
  },

  'of concurrent updates of one revision exactly one is stored': async ({ backend, partition, add, sample }) => {
    if (!backend.capabilities.compareAndSet) return;
    await add('one');
    const drafts = Array.from({ length: writers }, () =>
      sample('one', { revision: 2, lookups: { userName: randomBytes(16) } }),
    );
    const stored = await race(backend, drafts, 1);
    assertEqual(stored.length, 1, 'updates stored');
    assertEqual(await backend.get(partition, 'one'), stored.map(unclaimedRecord)[0], 'the record');
    const tried = drafts.flatMap(({ lookups }) => lookups.userName ?? []);
    assertEqual(await backend.find(partition, 'userName', tried), stored.map(unclaimedRecord), 'what its lookups find');
  },

  'of an update and a deletion at once no half record remains': async ({ backend, partition, add, sample }) => {
    if (!backend.capabilities.compareAndSet) return;
    const lookup = randomBytes(16);
    await add('one');
    const next = sample('one', { revision: 2, lookups: { userName: lookup } });
    await Promise.all([backend.put(next, { revision: 1 }), backend.delete(partition, 'one')]);
    assertEqual(await backend.get(partition, 'one'), undefined, 'the record: whichever came first, it is deleted');
    assertEqual(await backend.find(partition, 'userName', [lookup]), [], 'a search for it');
  },
};
