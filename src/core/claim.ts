import type { ClaimOutcome, ClaimRelease, ClaimRequest, ClaimState, PutCondition } from './record-backend.ts';

/** The claim columns of a record, as a backend without SQL keeps them. Instants are epoch milliseconds; 0 is "none". */
export interface Claim {
  /** Who holds the claim, or held it last without ending it; empty when nobody does. */
  readonly owner: string;
  /** Until when. */
  readonly until: number;
  /** Before when no claim is granted. */
  readonly retryAt: number;
  /** When that was said. */
  readonly coolingSince: number;
  /** How many claims of the present refresh token ended without anybody knowing how, the one that is held included. */
  readonly attempts: number;
}

/** Nobody holds the claim and nothing is in doubt. */
export const unclaimed: Claim = { owner: '', until: 0, retryAt: 0, coolingSince: 0, attempts: 0 };

/** How far the clock may step back without anything being concluded from it. */
const clockSlackMs = 60_000;

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
  if (current !== request.revision || held || coolingMs(claim, now) > 0) return { outcome: { granted: false }, claim };
  const doubts = own ? Math.max(0, claim.attempts - 1) : claim.attempts;
  return {
    outcome: { granted: true, doubts },
    claim: { ...claim, owner: request.owner, until: now + request.ttlMs, attempts: doubts + 1 },
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
    coolingSince: coolingMs > 0 ? now : 0,
    attempts: Math.max(0, claim.attempts - (inDoubt ? 0 : 1)),
  };
}

/** The claim columns after a write: the writer's own claim ends, anybody else's stays. */
export function written(claim: Claim, { claimOwner, renewed = false }: PutCondition): Claim {
  if (claimOwner !== undefined && claim.owner === claimOwner) return unclaimed;
  return renewed ? { ...claim, retryAt: 0, coolingSince: 0, attempts: 0 } : claim;
}

/** What of the claim columns a reader is told. */
export function claimState(claim: Claim, now: number): ClaimState {
  const { owner, until } = claim;
  return { owner, heldMs: owner === '' ? 0 : Math.max(0, until - now), coolingMs: coolingMs(claim, now) };
}

/** A cool-down that began in the future is over: the clock was turned back, and may take years to get there again. */
function coolingMs({ retryAt, coolingSince }: Claim, now: number): number {
  return coolingSince > now + clockSlackMs ? 0 : Math.max(0, retryAt - now);
}
