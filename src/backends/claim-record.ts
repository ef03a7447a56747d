import { claimed, released } from '../core/claim.ts';
import type { ClaimOutcome, ClaimRelease, ClaimRequest } from '../core/record-backend.ts';
import { claimOf } from './indexeddb-row.ts';
import type { Act } from './indexeddb-transaction.ts';

/** Claims a record of IndexedDB. A claim that is not granted writes nothing. */
export function claimRecord(
  partition: string,
  id: string,
  request: ClaimRequest,
  now: () => number,
): Act<ClaimOutcome, 'readwrite'> {
  return async (records, lastWrite) => {
    const current = await records.get([partition, id]);
    if (current === undefined) return { granted: false };
    const { outcome, claim } = claimed(claimOf(current), current.revision, request, now());
    if (outcome.granted) lastWrite(records.put({ ...current, claim }));
    return outcome;
  };
}

/** Gives the claim on a record of IndexedDB back, if the owner holds it. */
export function releaseRecord(
  partition: string,
  id: string,
  release: ClaimRelease,
  now: () => number,
): Act<void, 'readwrite'> {
  return async (records, lastWrite) => {
    const current = await records.get([partition, id]);
    if (current === undefined) return;
    const claim = claimOf(current);
    if (claim.owner === release.owner) lastWrite(records.put({ ...current, claim: released(claim, release, now()) }));
  };
}
