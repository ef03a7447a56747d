import type { ClaimOutcome, ClaimRelease, ClaimRequest, ClaimState, PutCondition } from './record-backend.ts';

/** The claim columns of a record, as a backend without SQL keeps them. Instants are epoch milliseconds; 0 is "none". */
export interface Claim {
  /** Who holds the claim, or held it last without ending it; empty when nobody does. */
  readonly owner: string;
  /** Until when. */
  readonly until: number;
  /** Before when no claim is granted. */
  readonly retryAt: number;
  /** How many claims of the present refresh token ended without anybody knowing how, the one that is held included. */
  readonly attempts: number;
}

/** Nobody holds the claim and nothing is in doubt. */
export const unclaimed: Claim = { owner: '', until: 0, retryAt: 0, attempts: 0 };

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
  if (current !== request.revision || held || claim.retryAt > now) return { outcome: { granted: false }, claim };
  const doubts = own ? Math.max(0, claim.attempts - 1) : claim.attempts;
  return {
    outcome: { granted: true, doubts },
    claim: { owner: request.owner, until: now + request.ttlMs, retryAt: claim.retryAt, attempts: doubts + 1 },
  };
}

/** The claim columns after a release. Doubts that the holder inherited stay. */
export function released(claim: Claim, release: ClaimRelease, now: number): Claim {
  if (claim.owner !== release.owner) return claim;
  const { coolingMs = 0, inDoubt = false } = release;
  return {
    owner: '',
    until: 0,
    retryAt: coolingMs > 0 ? now + coolingMs : 0,
    attempts: Math.max(0, claim.attempts - (inDoubt ? 0 : 1)),
  };
}

/** The claim columns after a write: the writer's own claim ends, anybody else's stays. */
export function written(claim: Claim, { claimOwner, renewed = false }: PutCondition): Claim {
  if (claimOwner !== undefined && claim.owner === claimOwner) return unclaimed;
  return renewed ? { ...claim, retryAt: 0, attempts: 0 } : claim;
}

/** What of the claim columns a reader is told. */
export function claimState({ owner, until, retryAt }: Claim, now: number): ClaimState {
  return { owner, heldMs: owner === '' ? 0 : Math.max(0, until - now), coolingMs: Math.max(0, retryAt - now) };
}
