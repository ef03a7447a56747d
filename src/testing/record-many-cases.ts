import type { PutCondition, RecordWrite, StoredRecord } from '../core/record-backend.ts';
import { assertEqual } from './assert-equal.ts';
import { hostileTexts } from './hostile-texts.ts';
import { type RecordCases, randomBytes, unclaimedRecord } from './record-scenario.ts';

const write = (record: StoredRecord, condition: PutCondition = {}): RecordWrite => ({ record, condition });

/** What a record backend promises about several writes in one call. */
export const recordManyCases: RecordCases = {
  'several records are written in one call, new ones and present ones, in any partition': async (scenario) => {
    const { backend, partition, neighbour, add, sample } = scenario;
    const [userName, gone] = [randomBytes(16), randomBytes(16)];
    const { identity } = await add('present', { lookups: { userName: gone } });
    const records = [
      sample('first', { lookups: { userName } }),
      sample('present', { revision: 2, identity, lookups: { userName, refreshToken: randomBytes(16) } }),
      sample('first', { partition: neighbour, expiresAt: 4_102_444_800_000, dueAt: 4_102_444_000_000 }),
    ];
    const writes = records.map((record) => write(record, record.revision === 2 ? { revision: 1 } : {}));
    assertEqual(await backend.putEach(writes), ['stored', 'stored', 'stored'], 'the outcomes');
    for (const record of records) {
      assertEqual(await backend.get(record.partition, record.id), unclaimedRecord(record), `the record ${record.id}`);
    }
    const found = await backend.find(partition, 'userName', [userName]);
    assertEqual(found.map(({ id }) => id).sort(), ['first', 'present'], 'what the lookup finds');
    assertEqual(await backend.find(partition, 'userName', [gone]), [], 'what the earlier lookup finds');
  },

  'a call without writes has no outcomes': async ({ backend }) => {
    assertEqual(await backend.putEach([]), [], 'the outcomes');
  },

  'each write of a call has its own condition, and a conflict undoes no other': async (scenario) => {
    const { backend, partition, add, sample } = scenario;
    const [moved, late, holder] = [await add('moved'), await add('late', { revision: 3 }), await add('holder')];
    const thief = sample('thief', { identity: holder.identity });
    const next = sample('moved', { revision: 2, identity: moved.identity });
    const outcomes = await backend.putEach([
      write(sample('new')),
      write(sample('late', { revision: 3 })),
      write(next, { revision: 1 }),
      write(thief),
      write(sample('absent', { revision: 2 }), { revision: 1 }),
      write(sample('newer')),
      write(sample('holder', { revision: 2, identity: late.identity }), { revision: 1 }),
    ]);
    const expected = ['stored', 'conflict', 'stored', 'conflict', 'conflict', 'stored', 'conflict'];
    assertEqual(outcomes, expected, 'the outcomes');
    assertEqual(await backend.get(partition, 'late'), unclaimedRecord(late), 'a record of another revision');
    assertEqual(await backend.get(partition, 'moved'), unclaimedRecord(next), 'a record between two conflicts');
    assertEqual(await backend.get(partition, 'holder'), unclaimedRecord(holder), 'a record that wanted an identity');
    const { records } = await backend.page(partition, 10);
    assertEqual(records.map(({ id }) => id).sort(), ['holder', 'late', 'moved', 'new', 'newer'], 'the records');
  },

  'of the records of one call that want one identity exactly one gets it': async (scenario) => {
    const { backend, partition, neighbour, add, sample } = scenario;
    const identity = randomBytes(16);
    const present = await add('present');
    const update = sample('present', { revision: 2, identity });
    const ids = ['a', 'b', 'c', 'd'];
    const writes = [...ids.map((id) => write(sample(id, { identity }))), write(update, { revision: 1 })];
    const elsewhere = write(sample('a', { identity, partition: neighbour }));
    const outcomes = await backend.putEach([...writes, elsewhere]);
    assertEqual(outcomes.slice(0, -1).filter((outcome) => outcome === 'stored').length, 1, 'how many were stored');
    assertEqual(outcomes.at(-1), 'stored', 'the one in another partition');
    const winner = writes[outcomes.indexOf('stored')]?.record as StoredRecord;
    assertEqual(await backend.find(partition, 'identity', [identity]), [unclaimedRecord(winner)], 'who has it');
    const left = winner.id === 'present' ? [] : [unclaimedRecord(present)];
    assertEqual(await backend.find(partition, 'identity', [present.identity]), left, 'who has the earlier one');
  },

  'a record that is written again keeps its identity against a new one of the same call': async (scenario) => {
    const { backend, partition, add, sample } = scenario;
    for (const order of [0, 1]) {
      const { identity } = await add(`holder ${order}`);
      const writes = [
        write(sample(`thief ${order}`, { identity })),
        write(sample(`holder ${order}`, { identity, revision: 2 }), { revision: 1 }),
      ];
      const outcomes = await backend.putEach(order === 0 ? writes : [...writes].reverse());
      assertEqual(outcomes, order === 0 ? ['conflict', 'stored'] : ['stored', 'conflict'], 'the outcomes');
      const found = await backend.find(partition, 'identity', [identity]);
      assertEqual(
        found.map(({ id }) => id),
        [`holder ${order}`],
        'who has it',
      );
    }
  },

  'a write among others ends the claim of its owner, and no other': async (scenario) => {
    const { backend, partition, add, sample } = scenario;
    if (!backend.capabilities.compareAndSet) return;
    for (const id of ['mine', 'theirs', 'plain']) {
      await add(id);
      await backend.claim(partition, id, { revision: 1, owner: id, ttlMs: 60_000 });
    }
    const condition = { revision: 1, claimOwner: 'mine' };
    const outcomes = await backend.putEach([
      write(sample('mine', { revision: 2 }), condition),
      write(sample('theirs', { revision: 2 }), condition),
      write(sample('plain', { revision: 2 }), { revision: 1 }),
    ]);
    assertEqual(outcomes, ['stored', 'stored', 'stored'], 'the outcomes');
    const owners = (await backend.page(partition, 10)).records.map(({ id, claim }) => [id, claim.owner]);
    const expected = [
      ['mine', ''],
      ['plain', 'plain'],
      ['theirs', 'theirs'],
    ];
    assertEqual([...owners].sort(), expected, 'who holds which claim');
  },

  'hostile ids are written in one call': async ({ backend, partition, sample }) => {
    const records = hostileTexts.map((id) => sample(id));
    assertEqual(
      await backend.putEach(records.map((record) => write(record))),
      records.map(() => 'stored'),
      'outcomes',
    );
    const kept = new Map((await backend.page(partition, 1000)).records.map((record) => [record.id, record]));
    for (const record of records) assertEqual(kept.get(record.id), unclaimedRecord(record), JSON.stringify(record.id));
    assertEqual(kept.size, records.length, 'records listed');
  },

  'hundreds of records are written in one call': async ({ backend, partition, sample }) => {
    const ids = Array.from({ length: 250 }, (_, i) => `id ${i}`);
    const records = ids.map((id) => sample(id, { sealed: randomBytes(8000) }));
    const isStored = (outcome: string): boolean => outcome === 'stored';
    const outcomes = await backend.putEach(records.map((record) => write(record)));
    assertEqual(outcomes.filter(isStored).length, 250, 'new records');
    const next = records.map((record, i) => write({ ...record, revision: 2 }, { revision: i % 2 === 0 ? 1 : 5 }));
    const expected = next.map((_, i) => (i % 2 === 0 ? 'stored' : 'conflict'));
    assertEqual(await backend.putEach(next), expected, 'the outcomes of the updates');
    assertEqual((await backend.get(partition, 'id 248'))?.revision, 2, 'a revision that was expected');
    assertEqual((await backend.get(partition, 'id 249'))?.revision, 1, 'a revision that was not');
    await backend.clear(partition);
  },

  'of concurrent calls that update the same records each record is updated once': async (scenario) => {
    const { backend, partition, add, sample } = scenario;
    if (!backend.capabilities.compareAndSet) return;
    const records: StoredRecord[] = [];
    for (let i = 0; i < 20; i++) records.push(await add(`id ${i}`));
    const calls = await Promise.all(
      Array.from({ length: 6 }, (_, caller) => {
        const writes = records.map(({ id, identity }) =>
          write(sample(id, { identity, revision: 2, dueAt: caller + 1 }), { revision: 1 }),
        );
        // in opposite orders, in which whoever locks one record after the other gets stuck
        return backend.putEach(caller % 2 === 0 ? writes : writes.reverse());
      }),
    );
    const stored = calls.map((outcomes, i) => (i % 2 === 0 ? outcomes : [...outcomes].reverse()));
    for (const [i, { id }] of records.entries()) {
      const winners = stored.flatMap((outcomes, caller) => (outcomes[i] === 'stored' ? [caller] : []));
      assertEqual(winners.length, 1, `how many updates of ${id} were stored`);
      assertEqual((await backend.get(partition, id))?.dueAt, (winners[0] as number) + 1, `who wrote ${id}`);
    }
  },

  'of concurrent calls that want the same identities each is given once': async ({ backend, partition, sample }) => {
    if (!backend.capabilities.compareAndSet) return;
    const identities = Array.from({ length: 10 }, () => randomBytes(16));
    const calls = await Promise.all(
      Array.from({ length: 6 }, (_, caller) => {
        const writes = identities.map((identity, i) => write(sample(`${caller} ${i}`, { identity })));
        return backend.putEach(caller % 2 === 0 ? writes : writes.reverse());
      }),
    );
    assertEqual(calls.flat().filter((outcome) => outcome === 'stored').length, 10, 'records stored');
    assertEqual((await backend.find(partition, 'identity', identities)).length, 10, 'records found');
  },
};
