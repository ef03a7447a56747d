import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Claim, claimed, released, unclaimed, written } from '../../src/core/claim.ts';
import type { ClaimOutcome } from '../../src/core/record-backend.ts';

const ttlMs = 30_000;
const now = 1_800_000_000_000;

function claim(before: Claim, owner: string, at: number = now, revision = 7, current = 7) {
  return claimed(before, current, { owner, revision, ttlMs }, at);
}

describe('the claim', () => {
  test('is granted to the first who asks, until its time to live is over', () => {
    const first = claim(unclaimed, 'first');
    expect(first.outcome).toBe('granted');
    expect(first.claim.until).toBe(now + ttlMs);
  });

  test('is refused to everybody else while it is held, and the refusal changes nothing', () => {
    const { claim: held } = claim(unclaimed, 'first');
    const second = claim(held, 'second', now + ttlMs - 1);
    expect(second).toEqual({ outcome: 'refused', claim: held });
  });

  test('is refused to a caller who has read another revision, older or newer', () => {
    expect(claim(unclaimed, 'late', now, 6).outcome).toBe('refused');
    expect(claim(unclaimed, 'early', now, 8).outcome).toBe('refused');
  });

  test('gives its holder the same answer again, since the first may have been lost', () => {
    const { claim: held } = claim(unclaimed, 'first');
    expect(claim(held, 'first', now + 1).outcome).toBe('granted');
    const { claim: doubtful } = claim(held, 'second', now + ttlMs);
    expect(claim(doubtful, 'second', now + ttlMs + 1).outcome).toBe('in-doubt');
  });

  test('is in doubt for the next one when its holder neither wrote nor released', () => {
    const { claim: abandoned } = claim(unclaimed, 'first');
    expect(claim(abandoned, 'second', now + ttlMs).outcome).toBe('in-doubt');
  });

  test('is granted anew after a release', () => {
    const { claim: held } = claim(unclaimed, 'first');
    const free = released(held, 7, { owner: 'first' });
    expect(free).toEqual(unclaimed);
    expect(claim(free, 'second', now + 1).outcome).toBe('granted');
  });

  test('stays in doubt after a release in doubt, however often it is released after that', () => {
    const { claim: held } = claim(unclaimed, 'first');
    let free = released(held, 7, { owner: 'first', inDoubt: true });
    for (const owner of ['second', 'third', 'fourth']) {
      const next = claim(free, owner);
      expect(next.outcome).toBe('in-doubt');
      free = released(next.claim, 7, { owner });
    }
  });

  test('cools down after a release with a time to retry: nobody gets it before, anybody then', () => {
    const { claim: held } = claim(unclaimed, 'first');
    const cooling = released(held, 7, { owner: 'first', retryAt: now + 5000 });
    expect(claim(cooling, 'first', now + 4999).outcome).toBe('refused');
    expect(claim(cooling, 'second', now + 4999).outcome).toBe('refused');
    expect(claim(cooling, 'second', now + 5000).outcome).toBe('granted');
  });

  test('cannot be released by anybody but its holder', () => {
    const { claim: held } = claim(unclaimed, 'first');
    expect(released(held, 7, { owner: 'second', inDoubt: true, retryAt: now + 1 })).toEqual(held);
  });

  test("ends with its holder's write, and with nobody else's", () => {
    const { claim: held } = claim(unclaimed, 'first');
    expect(written(held, 'first')).toEqual(unclaimed);
    expect(written(held, 'second')).toEqual(held);
    expect(written(held, undefined)).toEqual(held);
  });

  test('throws no doubt on a newer revision: a write settled the older one', () => {
    const { claim: abandoned } = claim(unclaimed, 'first');
    expect(claim(written(abandoned, undefined), 'second', now + ttlMs, 8, 8).outcome).toBe('granted');
  });

  test('excludes everybody else and remembers every doubt, in any order of events', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const model: Model = { now, revision: 1, doubtful: false, retryAt: 0, holder: undefined };
        let columns = unclaimed;
        for (const { kind, owner, amount, flag } of steps) {
          if (kind === 'wait') model.now += amount;
          if (kind === 'claim') {
            const request = { owner, revision: model.revision, ttlMs: amount };
            const answer = claimed(columns, model.revision, request, model.now);
            columns = answer.claim;
            expect(answer.outcome).toBe(expectedOutcome(model, owner, amount));
          }
          if (kind === 'release') {
            const release = { owner, inDoubt: flag, retryAt: model.now + amount };
            columns = released(columns, model.revision, release);
            if (model.holder?.owner === owner) {
              model.doubtful ||= flag;
              model.retryAt = release.retryAt;
              model.holder = undefined;
            }
          }
          if (kind === 'write') {
            columns = written(columns, flag ? owner : undefined);
            if (flag && model.holder?.owner === owner) {
              model.holder = undefined;
              model.retryAt = 0;
            }
            model.revision++;
            model.doubtful = false;
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** The claim in words: who holds it, and whether an earlier holder of this revision left without a trace. */
interface Model {
  now: number;
  revision: number;
  doubtful: boolean;
  retryAt: number;
  holder: { owner: string; until: number; revision: number } | undefined;
}

const step = fc.record({
  kind: fc.constantFrom('wait', 'claim', 'claim', 'release', 'write'),
  owner: fc.constantFrom('first', 'second', 'third'),
  amount: fc.integer({ min: 1, max: 5 }),
  flag: fc.boolean(),
});

function expectedOutcome(model: Model, owner: string, ttl: number): ClaimOutcome {
  const { holder } = model;
  const other = holder !== undefined && holder.owner !== owner;
  if ((other && holder.until > model.now) || model.retryAt > model.now) return 'refused';
  if (other && holder.revision === model.revision) model.doubtful = true;
  model.holder = { owner, until: model.now + ttl, revision: model.revision };
  return model.doubtful ? 'in-doubt' : 'granted';
}
