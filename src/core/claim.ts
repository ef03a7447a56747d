import type { ClaimOutcome, ClaimRelease, ClaimRequest, ClaimState } from './record-backend.ts';

/** The claim columns of a record, as a backend without SQL keeps them. Instants are epoch milliseconds; 0 is "none". */
export interface Claim extends ClaimState {
  /** Who holds the claim, or held it last without releasing it; empty when nobody does. */
  readonly owner: string;
  /** The revision for which the last holder claimed and then neither wrote nor released; 0 when there is none. */
  readonly revision: number;
  /** What `revision` was when the present holder claimed. */
  readonly previous: number;
}

/** Nobody holds the claim and nothing is in doubt. */
export const unclaimed: Claim = { owner: '', until: 0, retryAt: 0, revision: 0, previous: 0 };

/**
 * One step of the claim: what happens to the claim columns of a record of this revision when somebody asks for it.
 * The SQL backends state the same in one `UPDATE`.
 *
 * The owner who holds the claim may ask again (its first answer may have been lost) and gets the same answer.
 */
export function claimed(
  claim: Claim,
  current: number,
  request: ClaimRequest,
  now: number,
): { readonly outcome: ClaimOutcome; readonly claim: Claim } {
  const own = claim.owner === request.owner;
  const held = claim.owner !== '' && claim.until > now && !own;
  if (current !== request.revision || held || claim.retryAt > now) return { outcome: 'refused', claim };
  const previous = own ? claim.previous : claim.revision;
  return {
    outcome: previous === current ? 'in-doubt' : 'granted',
    claim: { owner: request.owner, until: now + request.ttlMs, retryAt: claim.retryAt, revision: current, previous },
  };
}

/** The claim columns after a release. A doubt that the holder inherited stays. */
export function released(claim: Claim, current: number, release: ClaimRelease): Claim {
  if (claim.owner !== release.owner) return claim;
  const doubtful = release.inDoubt === true || claim.previous === current;
  return { ...unclaimed, retryAt: release.retryAt ?? 0, revision: doubtful ? current : 0 };
}

/** The claim columns after a write: the writer's own claim ends, anybody else's stays. */
export function written(claim: Claim, owner: string | undefined): Claim {
  return owner !== undefined && claim.owner === owner ? unclaimed : claim;
}
