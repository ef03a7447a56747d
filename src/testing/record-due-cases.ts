import { assertEqual } from './assert-equal.ts';
import { eventually } from './eventually.ts';
import { type RecordCases, type RecordScenario, randomBytes, unclaimedRecord } from './record-scenario.ts';

/** The ids of what is due, joined, so that one answer is told from another. */
async function dueIds({ backend, partition }: RecordScenario, at: number, limit = 10): Promise<string> {
  return (await backend.due(partition, at, limit)).map(({ id }) => id).join(' ');
}

/** Records that are due at 1000, 2000 and 3000; neither in the order of their ids nor in that of their writes. */
async function addThree({ add }: RecordScenario): Promise<void> {
  await add('late', { dueAt: 3000 });
  await add('early', { dueAt: 1000 });
  await add('between', { dueAt: 2000 });
}

/** What a record backend promises about the records that scheduled work should renew. */
export const recordDueCases: RecordCases = {
  'records are due from their instant on, whole, those first that have waited longest': async (scenario) => {
    const { backend, partition, neighbour, add } = scenario;
    await addThree(scenario);
    await add('never');
    await add('elsewhere', { partition: neighbour, dueAt: 1000 });
    const lookups = { userName: randomBytes(16) };
    const earliest = await add('earliest', { dueAt: 500, expiresAt: 4_102_444_800_000, lookups });
    assertEqual(await dueIds(scenario, 499), '', 'before the first of them');
    assertEqual(await backend.due(partition, 500, 10), [unclaimedRecord(earliest)], 'at the instant of the first');
    assertEqual(await dueIds(scenario, 2999), 'earliest early between', 'before the last of them');
    assertEqual(await dueIds(scenario, 4_102_444_800_000), 'earliest early between late', 'much later');
    assertEqual((await backend.get(partition, 'earliest'))?.dueAt, 500, 'what the record says');
  },

  'no more due records are listed than asked for': async (scenario) => {
    await addThree(scenario);
    assertEqual(await dueIds(scenario, 5000, 1), 'early', 'one');
    assertEqual(await dueIds(scenario, 5000, 2), 'early between', 'two');
    assertEqual(await dueIds(scenario, 5000, 3), 'early between late', 'three');
  },

  'a record is due when its last write says so': async (scenario) => {
    const { backend, partition, sample } = scenario;
    await addThree(scenario);
    await backend.put(sample('early', { revision: 2 }), { revision: 1 });
    await backend.put(sample('between', { revision: 2, dueAt: 4000 }), { revision: 1 });
    assertEqual(await dueIds(scenario, 5000), 'late between', 'after the updates');
    assertEqual(await dueIds(scenario, 3999), 'late', 'before the new instant of the one between');
    await backend.delete(partition, 'late');
    assertEqual(await dueIds(scenario, 5000), 'between', 'after a deletion');
    await backend.clear(partition);
    assertEqual(await dueIds(scenario, 5000), '', 'after all were deleted');
  },

  'what somebody holds is not due until he gives it back': async (scenario) => {
    const { backend, partition } = scenario;
    if (!backend.capabilities.compareAndSet) return;
    await addThree(scenario);
    await backend.claim(partition, 'early', { revision: 1, owner: 'a', ttlMs: 60_000 });
    assertEqual(await dueIds(scenario, 5000), 'between late', 'while it is held');
    assertEqual(await dueIds(scenario, 5000, 1), 'between', 'the first one while it is held');
    await backend.release(partition, 'early', { owner: 'a', inDoubt: true });
    assertEqual(await dueIds(scenario, 5000), 'early between late', 'after the release');
    await backend.claim(partition, 'early', { revision: 1, owner: 'b', ttlMs: 1 });
    const after = await eventually('between late', () => dueIds(scenario, 5000));
    assertEqual(after, 'early between late', 'after a claim that ran out');
  },

  'what cools down is not due, and then comes last': async (scenario) => {
    const { backend, partition, sample } = scenario;
    if (!backend.capabilities.compareAndSet) return;
    await addThree(scenario);
    for (const [id, coolingMs] of [
      ['early', 20],
      ['between', 3_600_000],
    ] as const) {
      await backend.claim(partition, id, { revision: 1, owner: 'a', ttlMs: 60_000 });
      await backend.release(partition, id, { owner: 'a', coolingMs });
    }
    const after = await eventually('late', () => dueIds(scenario, 5000));
    assertEqual(after, 'late early', 'what was due before the other was tried in vain');
    assertEqual(await dueIds(scenario, 5000, 1), 'late', 'the first one');
    await backend.put(sample('between', { revision: 2, dueAt: 2000 }), { revision: 1, renewed: true });
    assertEqual(await dueIds(scenario, 5000), 'between late early', 'after another refresh token was written');
  },
};
