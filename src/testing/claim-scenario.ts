import type { ClaimRelease, KeptRecord, PutCondition } from '../core/record-backend.ts';
import { assertEqual } from './assert-equal.ts';
import { assertRejects } from './assert-rejects.ts';
import { eventually } from './eventually.ts';
import type { RecordScenario } from './record-scenario.ts';

/** How many doubts a claim was granted with. */
export type Claimed = number | 'refused';

/** A record of revision 1 with the id `one`, and the claims on it. */
export interface ClaimScenario extends RecordScenario {
  /** Claims for revision 1 and a minute, unless told otherwise. */
  claim(owner: string, changes?: { readonly revision?: number; readonly ttlMs?: number }): Promise<Claimed>;
  release(owner: string, changes?: Omit<ClaimRelease, 'owner'>): Promise<void>;
  /** Writes this revision over the one before it. */
  update(revision: number, condition?: Omit<PutCondition, 'revision'>): Promise<void>;
  /** Claims without ever giving back, and waits until the claim is over, as seen by `next`. */
  abandonTo(next: string): Promise<Claimed>;
  /** The record as it is stored. */
  read(): Promise<KeptRecord | undefined>;
}

/** A case that needs claims. A backend without them has to say so instead. */
export function claimCase(
  check: (scenario: ClaimScenario) => Promise<void>,
): (scenario: RecordScenario) => Promise<void> {
  return async (scenario) => {
    const { backend, partition, sample, add } = scenario;
    await add('one');
    if (!backend.capabilities.compareAndSet) {
      const claim = backend.claim(partition, 'one', { owner: 'a', revision: 1, ttlMs: 60_000 });
      await assertRejects(claim, 'E_UNSUPPORTED', 'a claim without compare-and-set');
      return;
    }
    const claim: ClaimScenario['claim'] = async (owner, changes) => {
      const outcome = await backend.claim(partition, 'one', { owner, revision: 1, ttlMs: 60_000, ...changes });
      return outcome.granted ? outcome.doubts : 'refused';
    };
    await check({
      ...scenario,
      claim,
      release: (owner, changes) => backend.release(partition, 'one', { owner, ...changes }),
      async update(revision, condition) {
        const outcome = await backend.put(sample('one', { revision }), { revision: revision - 1, ...condition });
        assertEqual(outcome, 'stored', `the write of revision ${revision}`);
      },
      async abandonTo(next) {
        const claimed = await claim('abandons', { ttlMs: 1 });
        if (claimed === 'refused') throw new Error('the claim that was to be abandoned was refused');
        return eventually('refused', () => claim(next));
      },
      read: () => backend.get(partition, 'one'),
    });
  };
}
