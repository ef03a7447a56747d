import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Claim, claimed, claimState, released, unclaimed, written } from '../../src/core/claim.ts';
import type { ClaimOutcome } from '../../src/core/record-backend.ts';

const ttlMs = 30_000;
const now = 1_800_000_000_000;
const refused: ClaimOutcome = { granted: false };

function claim(before: Claim, owner: string, at: number = now, revision = 7, current = 7) {
  return claimed(before, current, { owner, revision, ttlMs }, at);
}

/** What is left when this owner released in doubt. */
function doubted(before: Claim, owner: string): Claim {
  return released(claim(before, owner).claim, { owner, inDoubt: true }, now);
}

describe('the claim', () => {
  test('is granted to the first who asks, until its time to live is over', () => {
    const first = claim(unclaimed, 'first');
    expect(first.outcome).toEqual({ granted: true, doubts: 0 });
    expect(first.claim.until).toBe(now + ttlMs);
  });

  test('is refused to everybody else while it is held, and the refusal changes nothing', () => {
    const { claim: held } = claim(unclaimed, 'first');
    const second = claim(held, 'second', now + ttlMs - 1);
    expect(second).toEqual({ outcome: refused, claim: held });
  });

  test('is refused to a caller who has read another revision, older or newer', () => {
    expect(claim(unclaimed, 'late', now, 6).outcome).toEqual(refused);
    expect(claim(unclaimed, 'early', now, 8).outcome).toEqual(refused);
  });

  test('gives its holder the same answer again, since the first may have been lost', () => {
    const { claim: held } = claim(unclaimed, 'first');
    expect(claim(held, 'first', now + 1).outcome).toEqual({ granted: true, doubts: 0 });
    const { claim: doubtful } = claim(held, 'second', now + ttlMs);
    expect(claim(doubtful, 'second', now + ttlMs + 1).outcome).toEqual({ granted: true, doubts: 1 });
  });

  test('counts one doubt more for the next one when its holder neither wrote nor released', () => {
    const { claim: abandoned } = claim(doubted(unclaimed, 'first'), 'second');
    expect(claim(abandoned, 'third', now + ttlMs).outcome).toEqual({ granted: true, doubts: 2 });
  });

  test('is granted anew after a release', () => {
    const { claim: held } = claim(unclaimed, 'first');
    const free = released(held, { owner: 'first' }, now);
    expect(free).toEqual(unclaimed);
    expect(claim(free, 'second', now + 1).outcome).toEqual({ granted: true, doubts: 0 });
  });

  test('keeps the doubt of a release in doubt, however often it is released after that', () => {
    let free = doubted(unclaimed, 'first');
    for (const owner of ['second', 'third', 'fourth']) {
      const next = claim(free, owner);
      expect(next.outcome).toEqual({ granted: true, doubts: 1 });
      free = released(next.claim, { owner }, now);
    }
  });

  test('cools down after a release that says so: nobody gets it before, anybody then', () => {
    const { claim: held } = claim(unclaimed, 'first');
    const cooling = released(held, { owner: 'first', coolingMs: 5000 }, now);
    expect(claim(cooling, 'first', now + 4999).outcome).toEqual(refused);
    expect(claim(cooling, 'second', now + 4999).outcome).toEqual(refused);
    expect(claim(cooling, 'second', now + 5000).outcome).toEqual({ granted: true, doubts: 0 });
  });

  test('cannot be released by anybody but its holder', () => {
    const { claim: held } = claim(unclaimed, 'first');
    expect(released(held, { owner: 'second', inDoubt: true, coolingMs: 1 }, now)).toEqual(held);
  });

  test("ends with its holder's write, and with nobody else's", () => {
    const { claim: held } = claim(unclaimed, 'first');
    expect(written(held, { claimOwner: 'first' })).toEqual(unclaimed);
    expect(written(held, { claimOwner: 'second' })).toEqual(held);
    expect(written(held, {})).toEqual(held);
  });

  test('keeps doubts and cool-down through a write that leaves the refresh token as it is', () => {
    const { claim: held } = claim(unclaimed, 'first');
    const cooling = released(held, { owner: 'first', inDoubt: true, coolingMs: 5000 }, now);
    expect(written(cooling, { revision: 7, claimOwner: 'first', renewed: false })).toEqual(cooling);
    expect(claim(cooling, 'second', now + 5000, 8, 8).outcome).toEqual({ granted: true, doubts: 1 });
  });

  test('loses doubts and cool-down, but not its holder, with a write of another refresh token', () => {
    const { claim: held } = claim(doubted(unclaimed, 'first'), 'second');
    const renewed = written({ ...held, retryAt: now + 5000 }, { renewed: true });
    expect(renewed).toEqual({ ...unclaimed, owner: 'second', until: now + ttlMs });
    expect(claim(renewed, 'third', now + ttlMs).outcome).toEqual({ granted: true, doubts: 0 });
  });

  test('counts the attempt of a holder who claims once more after another refresh token was written', () => {
    const { claim: held } = claim(unclaimed, 'first');
    const again = claim(written(held, { renewed: true }), 'first', now, 8, 8);
    expect(again.outcome).toEqual({ granted: true, doubts: 0 });
    expect(claim(again.claim, 'second', now + ttlMs, 8, 8).outcome).toEqual({ granted: true, doubts: 1 });
  });

  test.each([true, false])(
    'leaves nothing to doubt when its holder comes back after another refresh token was written (in doubt: %s)',
    (inDoubt) => {
      const { claim: held } = claim(unclaimed, 'first');
      expect(released(written(held, { renewed: true }), { owner: 'first', inDoubt }, now)).toEqual(unclaimed);
    },
  );

  test('tells readers who holds it and how much longer, by the clock it is asked with', () => {
    const { claim: held } = claim(unclaimed, 'first');
    expect(claimState(unclaimed, now)).toEqual({ owner: '', heldMs: 0, coolingMs: 0 });
    expect(claimState(held, now + 1000)).toEqual({ owner: 'first', heldMs: ttlMs - 1000, coolingMs: 0 });
    expect(claimState(held, now + ttlMs + 1)).toEqual({ owner: 'first', heldMs: 0, coolingMs: 0 });
    const cooling = released(held, { owner: 'first', coolingMs: 5000 }, now);
    expect(claimState(cooling, now + 4000)).toEqual({ owner: '', heldMs: 0, coolingMs: 1000 });
    expect(claimState(cooling, now + 6000)).toEqual({ owner: '', heldMs: 0, coolingMs: 0 });
  });

  test('cools down no longer when the clock was turned back to before it began, give or take a minute', () => {
    const { claim: held } = claim(unclaimed, 'first');
    const cooling = released(held, { owner: 'first', coolingMs: 5000 }, now);
    expect(claimState(cooling, now - 60_000).coolingMs).toBe(65_000);
    expect(claim(cooling, 'second', now - 60_000).outcome).toEqual(refused);
    expect(claimState(cooling, now - 60_001).coolingMs).toBe(0);
    expect(claim(cooling, 'second', now - 60_001).outcome).toEqual({ granted: true, doubts: 0 });
  });

  test('excludes everybody else and counts every doubt, in any order of events', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const model: Model = { now, revision: 1, doubts: 0, retryAt: 0, holder: undefined };
        let columns = unclaimed;
        for (const { kind, owner, amount, flag, renewed } of steps) {
          if (kind === 'wait') model.now += amount;
          if (kind === 'claim') {
            // A holder whose refresh token somebody replaced has nothing left to claim: its attempt was about that one.
            if (model.holder?.owner === owner && !model.holder.present) continue;
            const request = { owner, revision: model.revision, ttlMs: amount };
            const answer = claimed(columns, model.revision, request, model.now);
            columns = answer.claim;
            expect(answer.outcome).toEqual(expectedOutcome(model, owner, amount));
          }
          if (kind === 'release') {
            columns = released(columns, { owner, inDoubt: flag, coolingMs: amount }, model.now);
            if (model.holder?.owner === owner) {
              if (flag && model.holder.present) model.doubts++;
              model.retryAt = model.now + amount;
              model.holder = undefined;
            }
          }
          if (kind === 'write') {
            columns = written(columns, { renewed, ...(flag ? { claimOwner: owner } : {}) });
            const own = flag && model.holder?.owner === owner;
            if (own || renewed) model.doubts = model.retryAt = 0;
            if (own) model.holder = undefined;
            else if (renewed && model.holder !== undefined) model.holder.present = false;
            model.revision++;
          }
          expect(claimState(columns, model.now)).toEqual({
            owner: model.holder?.owner ?? '',
            heldMs: Math.max(0, (model.holder?.until ?? 0) - model.now),
            coolingMs: Math.max(0, model.retryAt - model.now),
          });
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** The claim in words: who holds it, and how many earlier holders left the present refresh token in doubt. */
interface Model {
  now: number;
  revision: number;
  doubts: number;
  retryAt: number;
  /** `present`: its attempt is about the present refresh token. */
  holder: { owner: string; until: number; present: boolean } | undefined;
}

const step = fc.record({
  kind: fc.constantFrom('wait', 'claim', 'claim', 'release', 'write'),
  owner: fc.constantFrom('first', 'second', 'third'),
  amount: fc.integer({ min: 1, max: 5 }),
  flag: fc.boolean(),
  renewed: fc.boolean(),
});

function expectedOutcome(model: Model, owner: string, ttl: number): ClaimOutcome {
  const { holder } = model;
  const other = holder !== undefined && holder.owner !== owner;
  if ((other && holder.until > model.now) || model.retryAt > model.now) return refused;
  if (other && holder.present) model.doubts++;
  model.holder = { owner, until: model.now + ttl, present: true };
  return { granted: true, doubts: model.doubts };
}
