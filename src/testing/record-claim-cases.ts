import { assertBetween } from './assert-between.ts';
import { assertEqual } from './assert-equal.ts';
import { claimCase } from './claim-scenario.ts';
import { eventually } from './eventually.ts';
import { type RecordCases, randomBytes, unclaimedRecord } from './record-scenario.ts';

/** What a record backend promises about who gets a claim, and how it ends. */
export const recordClaimCases: RecordCases = {
  'a claim is granted once, and refused to everybody else': claimCase(async ({ backend, partition, claim }) => {
    const request = { revision: 1, owner: 'a', ttlMs: 60_000 };
    assertEqual(await backend.claim(partition, 'one', request), { granted: true, doubts: 0 }, 'the first claim');
    const second = await backend.claim(partition, 'one', { ...request, owner: 'b' });
    assertEqual(second, { granted: false }, 'the second claim');
    assertEqual(await claim('c'), 'refused', 'the third claim');
  }),

  'of concurrent claims exactly one is granted': claimCase(async ({ claim }) => {
    const claimed = await Promise.all(Array.from({ length: 10 }, (_, i) => claim(`owner ${i}`)));
    assertEqual(claimed.filter((outcome) => outcome === 0).length, 1, 'claims granted');
    assertEqual(claimed.filter((outcome) => outcome === 'refused').length, 9, 'claims refused');
  }),

  'a claim changes nothing of the record, and shows in it': claimCase(async (scenario) => {
    const { backend, partition, claim, release, read } = scenario;
    const before = await read();
    await claim('a', { ttlMs: 3_600_000 });
    const held = await read();
    const heldMs = held?.claim.heldMs;
    assertBetween(heldMs, 3_000_000, 3_600_000, 'for how long it says that it is held');
    assertEqual(held, { ...before, claim: { owner: 'a', heldMs, coolingMs: 0 } }, 'the claimed record');
    const [listed] = (await backend.page(partition, 10)).records;
    assertEqual([listed?.claim.owner, listed?.id], ['a', 'one'], 'whose claim the listing shows');
    await release('a');
    assertEqual(await read(), before, 'the record after the release');
  }),

  'the owner of a claim may repeat it and gets the same answer': claimCase(async (scenario) => {
    const { claim, release, update, abandonTo } = scenario;
    assertEqual(await claim('a'), 0, 'the claim');
    assertEqual(await claim('a'), 0, 'the claim again');
    await release('a');
    assertEqual(await abandonTo('b'), 1, 'a claim in doubt');
    assertEqual(await claim('b'), 1, 'the claim in doubt again');
    await update(2, { claimOwner: 'b' });
    assertEqual(await claim('b'), 'refused', 'the claim after its write');
  }),

  'a released claim can be had at once, without doubt': claimCase(async ({ claim, release }) => {
    await claim('a');
    await release('a');
    assertEqual(await claim('b'), 0, 'the next claim');
  }),

  'nobody else releases a claim': claimCase(async ({ claim, release, read }) => {
    await claim('a');
    await release('b');
    await release('', { inDoubt: true, coolingMs: 3_600_000 });
    assertEqual(await claim('b'), 'refused', 'a claim of somebody else');
    assertEqual((await read())?.claim.coolingMs, 0, 'for how long it cools down');
    assertEqual(await claim('a'), 0, 'the claim of its owner');
  }),

  'a claim that ran out shows who held it, and that nobody does': claimCase(async ({ claim, read }) => {
    await claim('a', { ttlMs: 1 });
    const isHeld = async (): Promise<boolean> => (await read())?.claim.heldMs !== 0;
    assertEqual(await eventually(true, isHeld), false, 'whether it is held');
    assertEqual((await read())?.claim, { owner: 'a', heldMs: 0, coolingMs: 0 }, 'the claim');
  }),

  'the write of its owner ends a claim': claimCase(async ({ claim, update, read }) => {
    await claim('a');
    await update(2, { claimOwner: 'a' });
    assertEqual((await read())?.claim, { owner: '', heldMs: 0, coolingMs: 0 }, 'the claim');
    assertEqual(await claim('b', { revision: 2 }), 0, 'the next claim');
  }),

  'the write of anybody else leaves a claim alone': claimCase(async ({ claim, update, read }) => {
    await claim('a');
    await update(2);
    assertEqual(await claim('b', { revision: 2 }), 'refused', 'a claim after a write without an owner');
    await update(3, { claimOwner: 'b' });
    assertEqual(await claim('b', { revision: 3 }), 'refused', "a claim after another owner's write");
    await update(4, { claimOwner: 'b', renewed: true });
    assertEqual(await claim('b', { revision: 4 }), 'refused', 'a claim after a write with another refresh token');
    assertEqual((await read())?.claim.owner, 'a', 'who holds it');
  }),

  'a write that is refused ends no claim': claimCase(async ({ backend, sample, claim, read }) => {
    await claim('a');
    const late = sample('one', { revision: 2 });
    assertEqual(await backend.put(late, { revision: 7, claimOwner: 'a' }), 'conflict', 'the write');
    assertEqual(await backend.put(late, { claimOwner: 'a' }), 'conflict', 'the write as a new record');
    assertEqual(await claim('b'), 'refused', 'a claim of somebody else');
    assertEqual((await read())?.revision, 1, 'the revision');
  }),

  'a claim is granted for the stored revision only': claimCase(async ({ claim, update }) => {
    await update(2);
    assertEqual(await claim('a', { revision: 1 }), 'refused', 'a claim on an older revision');
    assertEqual(await claim('a', { revision: 3 }), 'refused', 'a claim on a later revision');
    assertEqual(await claim('a', { revision: 2 }), 0, 'a claim on the stored revision');
  }),

  'a refused claim leaves no trace': claimCase(async ({ claim, release, read }) => {
    const before = await read();
    assertEqual(await claim('a', { revision: 2 }), 'refused', 'a claim on another revision');
    assertEqual(await read(), before, 'the record');
    await claim('a');
    assertEqual(await claim('b'), 'refused', 'a claim on a claimed record');
    await release('b', { inDoubt: true });
    await release('a');
    assertEqual(await claim('c'), 0, 'the next claim');
  }),

  'what is not there cannot be claimed or released': claimCase(async (scenario) => {
    const { backend, partition, neighbour, claim, release, add, read } = scenario;
    const request = { revision: 1, owner: 'a', ttlMs: 60_000 };
    const refused = { granted: false };
    assertEqual(await backend.claim(partition, 'absent', request), refused, 'a record that never was');
    assertEqual(await backend.claim(neighbour, 'one', request), refused, 'a record of another partition');
    await backend.release(partition, 'absent', { owner: 'a', inDoubt: true });
    await claim('a');
    assertEqual((await backend.delete(partition, 'one'))?.claim.owner, 'a', 'the holder of what is deleted');
    assertEqual(await claim('a'), 'refused', 'a deleted record');
    await release('a', { inDoubt: true });
    assertEqual(await read(), undefined, 'the deleted record');
    const again = await add('one');
    assertEqual(await read(), unclaimedRecord(again), 'what takes its id');
    assertEqual(await claim('b'), 0, 'a claim on what takes its id');
  }),

  'claims on different records are independent': claimCase(async ({ backend, partition, neighbour, add, claim }) => {
    await add('two');
    await add('one', { partition: neighbour, identity: randomBytes(16) });
    const request = { revision: 1, owner: 'b', ttlMs: 60_000 };
    const granted = { granted: true, doubts: 0 };
    assertEqual(await claim('a'), 0, 'a claim on the first record');
    assertEqual(await backend.claim(partition, 'two', request), granted, 'a claim on the second');
    assertEqual(await backend.claim(neighbour, 'one', request), granted, 'a claim on one with the same id elsewhere');
    await backend.release(neighbour, 'one', { owner: 'a' });
    await backend.release(partition, 'two', { owner: 'b' });
    assertEqual(await claim('b'), 'refused', 'another claim on the first record');
  }),
};
