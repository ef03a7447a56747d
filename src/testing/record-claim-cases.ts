import type { ClaimOutcome, ClaimRelease } from '../core/record-backend.ts';
import { assertEqual } from './assert-equal.ts';
import { assertRejects } from './assert-rejects.ts';
import { eventually } from './eventually.ts';
import { type RecordCases, type RecordScenario, randomBytes, unclaimedRecord } from './record-scenario.ts';

/** A record of revision 1 with the id `one`, and the claims on it. */
interface ClaimScenario extends RecordScenario {
  claim(owner: string, changes?: { readonly revision?: number; readonly ttlMs?: number }): Promise<ClaimOutcome>;
  release(owner: string, changes?: Omit<ClaimRelease, 'owner'>): Promise<void>;
  /** Writes the next revision. */
  update(revision: number, claimOwner?: string): Promise<void>;
  /** Claims without ever giving back, and waits until the claim is over, as seen by `next`. */
  abandonTo(next: string): Promise<ClaimOutcome>;
}

/** A case that needs claims. A backend without them has to say so instead. */
function claimCase(check: (scenario: ClaimScenario) => Promise<void>): (scenario: RecordScenario) => Promise<void> {
  return async (scenario) => {
    const { backend, partition, sample, add } = scenario;
    await add('one');
    const claim: ClaimScenario['claim'] = (owner, changes) =>
      backend.claim(partition, 'one', { owner, revision: 1, ttlMs: 60_000, ...changes });
    const release: ClaimScenario['release'] = (owner, changes) =>
      backend.release(partition, 'one', { owner, ...changes });
    if (!backend.capabilities.compareAndSet) {
      await assertRejects(claim('a'), 'E_UNSUPPORTED', 'a claim without compare-and-set');
      return;
    }
    const update: ClaimScenario['update'] = async (revision, claimOwner) => {
      const condition = { revision: revision - 1, ...(claimOwner === undefined ? {} : { claimOwner }) };
      assertEqual(await backend.put(sample('one', { revision }), condition), 'stored', `revision ${revision}`);
    };
    const abandonTo: ClaimScenario['abandonTo'] = async (next) => {
      assertEqual(await claim('abandons', { ttlMs: 1 }), 'granted', 'the claim that is then abandoned');
      return eventually('refused', () => claim(next));
    };
    await check({ ...scenario, claim, release, update, abandonTo });
  };
}

/** What a record backend promises about claims. */
export const recordClaimCases: RecordCases = {
  'a claim is granted once, and refused to everybody else': claimCase(async ({ claim }) => {
    assertEqual(await claim('a'), 'granted', 'the first claim');
    assertEqual(await claim('b'), 'refused', 'the second claim');
    assertEqual(await claim('c'), 'refused', 'the third claim');
  }),

  'of concurrent claims exactly one is granted': claimCase(async ({ claim }) => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, i) => claim(`owner ${i}`)));
    assertEqual(outcomes.filter((outcome) => outcome === 'granted').length, 1, 'claims granted');
    assertEqual(outcomes.filter((outcome) => outcome === 'refused').length, 9, 'claims refused');
  }),

  'a claim changes nothing of the record and shows in it': claimCase(async ({ backend, partition, claim, release }) => {
    const before = await backend.get(partition, 'one');
    await claim('a');
    const held = await backend.get(partition, 'one');
    assertEqual(held, { ...before, claim: { until: held?.claim.until, retryAt: 0 } }, 'the claimed record');
    assertEqual((held?.claim.until ?? 0) > 0, true, 'whether it says until when it is claimed');
    assertEqual((await backend.page(partition, 10)).records, [held], 'the listing');
    await release('a');
    assertEqual(await backend.get(partition, 'one'), before, 'the record after the release');
  }),

  'the owner of a claim may repeat it and gets the same answer': claimCase(
    async ({ claim, abandonTo, update, release }) => {
      assertEqual(await claim('a'), 'granted', 'the claim');
      assertEqual(await claim('a'), 'granted', 'the claim again');
      await release('a');
      assertEqual(await abandonTo('b'), 'in-doubt', 'a claim in doubt');
      assertEqual(await claim('b'), 'in-doubt', 'the claim in doubt again');
      await update(2, 'b');
      assertEqual(await claim('b'), 'refused', 'the claim after its write');
    },
  ),

  'a released claim can be had at once, without doubt': claimCase(async ({ claim, release }) => {
    await claim('a');
    await release('a');
    assertEqual(await claim('b'), 'granted', 'the next claim');
  }),

  'nobody else releases a claim': claimCase(async ({ claim, release }) => {
    await claim('a');
    await release('b');
    await release('', { inDoubt: true, retryAt: Date.now() + 3_600_000 });
    assertEqual(await claim('b'), 'refused', 'a claim of somebody else');
    assertEqual(await claim('a'), 'granted', 'the claim of its owner');
  }),

  'a release says whether the next claimant has to doubt': claimCase(async ({ claim, release }) => {
    await claim('a');
    await release('a', { inDoubt: true });
    assertEqual(await claim('b'), 'in-doubt', 'the claim after a doubtful release');
    await release('b');
    assertEqual(await claim('c'), 'in-doubt', 'the claim after a clean release of somebody who was in doubt');
  }),

  'a claim that was neither written nor released ends by itself, in doubt': claimCase(
    async ({ abandonTo, claim, release }) => {
      assertEqual(await abandonTo('b'), 'in-doubt', 'the claim after an abandoned one');
      assertEqual(await claim('abandons'), 'refused', 'a claim of the one who came too late');
      await release('abandons');
      assertEqual(await claim('c'), 'refused', 'a claim after a release that came too late');
      await release('b');
      assertEqual(await claim('c'), 'in-doubt', 'the claim after a clean release: the doubt is inherited');
    },
  ),

  'a write settles the doubt': claimCase(async ({ abandonTo, update, claim }) => {
    assertEqual(await abandonTo('b'), 'in-doubt', 'the claim after an abandoned one');
    await update(2, 'b');
    assertEqual(await claim('c', { revision: 2 }), 'granted', 'the claim on the next revision');
  }),

  'the doubt about one revision does not reach the next': claimCase(async ({ claim, update }) => {
    await claim('a', { ttlMs: 1 });
    await update(2);
    assertEqual(
      await eventually('refused', () => claim('b', { revision: 2 })),
      'granted',
      'the claim on the next revision',
    );
  }),

  'the write of its owner ends a claim': claimCase(async ({ backend, partition, claim, update }) => {
    await claim('a');
    await update(2, 'a');
    assertEqual((await backend.get(partition, 'one'))?.claim, { until: 0, retryAt: 0 }, 'the claim');
    assertEqual(await claim('b', { revision: 2 }), 'granted', 'the next claim');
  }),

  'the write of anybody else leaves a claim alone': claimCase(async ({ claim, update }) => {
    await claim('a');
    await update(2);
    assertEqual(await claim('b', { revision: 2 }), 'refused', 'a claim after a write without an owner');
    await update(3, 'b');
    assertEqual(await claim('b', { revision: 3 }), 'refused', "a claim after another owner's write");
    assertEqual(await claim('a', { revision: 3 }), 'granted', 'the claim of the holder');
  }),

  'a write that is refused ends no claim': claimCase(async ({ backend, partition, sample, claim }) => {
    await claim('a');
    const late = sample('one', { revision: 2 });
    assertEqual(await backend.put(late, { revision: 7, claimOwner: 'a' }), 'conflict', 'the write');
    assertEqual(await backend.put(late, { claimOwner: 'a' }), 'conflict', 'the write as a new record');
    assertEqual(await claim('b'), 'refused', 'a claim of somebody else');
    assertEqual((await backend.get(partition, 'one'))?.revision, 1, 'the revision');
  }),

  'a claim is granted for the stored revision only': claimCase(async ({ claim, update }) => {
    await update(2);
    assertEqual(await claim('a', { revision: 1 }), 'refused', 'a claim on an older revision');
    assertEqual(await claim('a', { revision: 3 }), 'refused', 'a claim on a later revision');
    assertEqual(await claim('a', { revision: 2 }), 'granted', 'a claim on the stored revision');
  }),

  'a refused claim leaves no trace': claimCase(async ({ backend, partition, claim, release }) => {
    const before = await backend.get(partition, 'one');
    assertEqual(await claim('a', { revision: 2 }), 'refused', 'a claim on another revision');
    assertEqual(await backend.get(partition, 'one'), before, 'the record');
    await claim('a');
    assertEqual(await claim('b'), 'refused', 'a claim on a claimed record');
    await release('b', { inDoubt: true });
    await release('a');
    assertEqual(await claim('c'), 'granted', 'the next claim');
  }),

  'what is not there cannot be claimed or released': claimCase(
    async ({ backend, partition, neighbour, claim, release, add }) => {
      const request = { revision: 1, owner: 'a', ttlMs: 60_000 };
      assertEqual(await backend.claim(partition, 'absent', request), 'refused', 'a record that never was');
      assertEqual(await backend.claim(neighbour, 'one', request), 'refused', 'a record of another partition');
      await backend.release(partition, 'absent', { owner: 'a', inDoubt: true });
      await claim('a');
      await backend.delete(partition, 'one');
      assertEqual(await claim('a'), 'refused', 'a deleted record');
      await release('a', { inDoubt: true });
      assertEqual(await backend.get(partition, 'one'), undefined, 'the deleted record');
      const again = await add('one');
      assertEqual(await backend.get(partition, 'one'), unclaimedRecord(again), 'what takes its id');
      assertEqual(await claim('b'), 'granted', 'a claim on what takes its id');
    },
  ),

  'a cool-down refuses everybody until it is over': claimCase(async ({ backend, partition, claim, release }) => {
    await claim('a');
    const retryAt = Date.now() + 3_600_000;
    await release('a', { retryAt });
    assertEqual((await backend.get(partition, 'one'))?.claim, { until: 0, retryAt }, 'what the record says');
    assertEqual(await claim('a'), 'refused', 'a claim of the same owner');
    assertEqual(await claim('b'), 'refused', 'a claim of another owner');
  }),

  'a cool-down ends by itself': claimCase(async ({ claim, release }) => {
    await claim('a');
    await release('a', { retryAt: Date.now() + 20 });
    assertEqual(await eventually('refused', () => claim('b')), 'granted', 'the next claim');
  }),

  'a cool-down outlives the writes of others': claimCase(async ({ backend, partition, claim, release, update }) => {
    await claim('a');
    const retryAt = Date.now() + 3_600_000;
    await release('a', { retryAt });
    await update(2);
    assertEqual((await backend.get(partition, 'one'))?.claim, { until: 0, retryAt }, 'what the record says');
    assertEqual(await claim('b', { revision: 2 }), 'refused', 'a claim on the next revision');
  }),

  'claims on different records are independent': claimCase(async ({ backend, partition, neighbour, add, claim }) => {
    await add('two');
    await add('one', { partition: neighbour, identity: randomBytes(16) });
    const request = { revision: 1, owner: 'b', ttlMs: 60_000 };
    assertEqual(await claim('a'), 'granted', 'a claim on the first record');
    assertEqual(await backend.claim(partition, 'two', request), 'granted', 'a claim on the second');
    assertEqual(await backend.claim(neighbour, 'one', request), 'granted', 'a claim on one with the same id elsewhere');
    await backend.release(neighbour, 'one', { owner: 'a' });
    await backend.release(partition, 'two', { owner: 'b' });
    assertEqual(await claim('b'), 'refused', 'another claim on the first record');
  }),
};
