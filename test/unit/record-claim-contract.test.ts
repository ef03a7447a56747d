import { describe, expect, test } from 'vitest';
import type { ClaimState, KeptRecord, RecordBackend } from '../../src/core/record-backend.ts';
import { type ContractFault, runFaulty } from '../support/contract-faults.ts';

type Claim = RecordBackend['claim'];

/** A backend that acts in the name of whoever claimed last. */
function inTheNameOf(sound: RecordBackend): { readonly claim: Claim; readonly owner: () => string } {
  let owner = '';
  return {
    claim: (partition, id, request) => {
      owner = request.owner;
      return sound.claim(partition, id, request);
    },
    owner: () => owner,
  };
}

/** A backend whose doubts are changed before they are told. */
const doubting =
  (change: (doubts: number) => number): ContractFault[2] =>
  (sound) => ({
    claim: async (...args) => {
      const outcome = await sound.claim(...args);
      return outcome.granted ? { granted: true, doubts: change(outcome.doubts) } : outcome;
    },
  });

/** A backend whose records show another claim than they have. */
const showing =
  (change: (claim: ClaimState) => ClaimState): ContractFault[2] =>
  (sound) => {
    const changed = <R extends KeptRecord | undefined>(record: R): R =>
      record && { ...record, claim: change(record.claim) };
    return { get: async (...args) => changed(await sound.get(...args)) };
  };

const faults: readonly ContractFault[] = [
  [
    'that grants every claim',
    'of concurrent claims exactly one is granted',
    () => ({ claim: async () => ({ granted: true, doubts: 0 }) }),
  ],
  [
    'that refuses the owner of a claim',
    'the owner of a claim may repeat it and gets the same answer',
    (sound) => {
      const owners = new Set<string>();
      return {
        claim: async (partition, id, request) => {
          if (owners.has(request.owner)) return { granted: false };
          owners.add(request.owner);
          return sound.claim(partition, id, request);
        },
      };
    },
  ],
  [
    'that tells more of a claim than its outcome',
    'a claim is granted once, and refused to everybody else',
    (sound) => ({ claim: async (...args) => ({ ...(await sound.claim(...args)), doubts: 0 }) as never }),
  ],
  [
    'that lets anybody release',
    'nobody else releases a claim',
    (sound) => {
      const { claim, owner } = inTheNameOf(sound);
      return {
        claim,
        release: (partition, id, release) => sound.release(partition, id, { ...release, owner: owner() }),
      };
    },
  ],
  [
    'that ends no claim with a write',
    'the write of its owner ends a claim',
    (sound) => ({ put: (record, { claimOwner: _, ...condition }) => sound.put(record, condition) }),
  ],
  [
    'that ends every claim with a write',
    'the write of anybody else leaves a claim alone',
    (sound) => {
      const { claim, owner } = inTheNameOf(sound);
      return { claim, put: (record, condition) => sound.put(record, { ...condition, claimOwner: owner() }) };
    },
  ],
  [
    'that claims any revision',
    'a claim is granted for the stored revision only',
    (sound) => ({
      claim: async (partition, id, request) => {
        const current = await sound.get(partition, id);
        return sound.claim(partition, id, { ...request, revision: current?.revision ?? 0 });
      },
    }),
  ],
  [
    'that hides who holds a claim',
    'a claim changes nothing of the record, and shows in it',
    showing((claim) => ({ ...claim, owner: '' })),
  ],
  [
    'that counts in seconds how long a claim is held',
    'a claim changes nothing of the record, and shows in it',
    showing((claim) => ({ ...claim, heldMs: claim.heldMs / 1000 })),
  ],
  [
    'that tells instants for durations',
    'a cool-down refuses everybody, and says for how long',
    showing((claim) => ({ ...claim, coolingMs: claim.coolingMs + Date.now() })),
  ],
  ['that never doubts', 'a claim that was neither written nor released ends by itself, in doubt', doubting(() => 0)],
  [
    'that says only whether there is a doubt',
    'each attempt of which nobody knows how it ended is counted',
    doubting((doubts) => Math.min(doubts, 1)),
  ],
  [
    'that settles doubts with a clean release',
    'a clean release leaves the doubts that its owner inherited, and no other',
    (sound) => {
      let settled = false;
      return {
        claim: async (...args) => {
          const outcome = await sound.claim(...args);
          return outcome.granted && settled ? { granted: true, doubts: 0 } : outcome;
        },
        release: (partition, id, release) => {
          settled = release.inDoubt !== true;
          return sound.release(partition, id, release);
        },
      };
    },
  ],
  [
    'that counts a repeated claim twice',
    'a claim that is repeated counts as one attempt',
    (sound) => {
      let repeated = 0;
      let last = '';
      return {
        claim: async (partition, id, request) => {
          const outcome = await sound.claim(partition, id, request);
          if (last === request.owner) repeated++;
          last = request.owner;
          return outcome.granted ? { granted: true, doubts: outcome.doubts + repeated } : outcome;
        },
      };
    },
  ],
  [
    'that settles doubts with any write',
    'a doubt outlasts writes that leave the refresh token as it is',
    (sound) => ({ put: (record, condition) => sound.put(record, { ...condition, renewed: true }) }),
  ],
  [
    'that does not mind another refresh token',
    'a write of another refresh token settles every doubt',
    (sound) => ({ put: (record, { renewed: _, ...condition }) => sound.put(record, condition) }),
  ],
  [
    'that forgets cool-downs',
    'a cool-down refuses everybody, and says for how long',
    (sound) => ({ release: (partition, id, { owner }) => sound.release(partition, id, { owner }) }),
  ],
  [
    'that ends cool-downs with any write',
    'a cool-down outlasts writes that leave the refresh token as it is',
    (sound) => ({ put: (record, condition) => sound.put(record, { ...condition, renewed: true }) }),
  ],
  [
    'that keeps a cool-down when the refresh token is another',
    'a cool-down ends with a write of another refresh token',
    (sound) => ({ put: (record, { renewed: _, ...condition }) => sound.put(record, condition) }),
  ],
  [
    'that refuses fractions',
    'a duration need not be whole milliseconds',
    (sound) => ({
      claim: async (partition, id, request) =>
        Number.isInteger(request.ttlMs) ? sound.claim(partition, id, request) : { granted: false },
    }),
  ],
  [
    'that loses the instant when a record is due',
    'records are due from their instant on, whole, those first that have waited longest',
    (sound) => ({ put: (record, condition) => sound.put({ ...record, dueAt: 0 }, condition) }),
  ],
  [
    'that takes 0 for an instant',
    'records are due from their instant on, whole, those first that have waited longest',
    (sound) => ({ put: (record, condition) => sound.put({ ...record, dueAt: record.dueAt || 1 }, condition) }),
  ],
  [
    'that lists what is due by id',
    'records are due from their instant on, whole, those first that have waited longest',
    (sound) => ({
      due: async (...args) => [...(await sound.due(...args))].sort((left, right) => (left.id < right.id ? -1 : 1)),
    }),
  ],
  [
    'that lists all that is due',
    'no more due records are listed than asked for',
    (sound) => ({ due: (partition, at) => sound.due(partition, at, 1000) }),
  ],
  [
    'that never forgets an instant',
    'a record is due when its last write says so',
    (sound) => ({
      put: async (record, condition) => {
        const before = await sound.get(record.partition, record.id);
        return sound.put({ ...record, dueAt: before?.dueAt ?? record.dueAt }, condition);
      },
    }),
  ],
  [
    'that lists what is held',
    'what somebody holds is not due until he gives it back',
    (sound) => ({
      due: async (partition, at, limit) => {
        const { records } = await sound.page(partition, 100);
        const due = records.filter(({ dueAt }) => dueAt > 0 && dueAt <= at);
        return due.sort((left, right) => left.dueAt - right.dueAt).slice(0, limit);
      },
    }),
  ],
  [
    'that lets what cooled down keep its place',
    'what cools down is not due, and then comes last',
    (sound) => ({
      due: async (partition, at, limit) => {
        const due = await sound.due(partition, at, 100);
        return [...due].sort((left, right) => left.dueAt - right.dueAt).slice(0, limit);
      },
    }),
  ],
];

describe('the record contract notices a backend', () => {
  test.each(faults)('%s', async (_fault, noticedBy, fault) => {
    await expect(runFaulty(noticedBy, fault)).rejects.toThrow(/expected/);
  });
});
