import type { Claim } from '../core/claim.ts';

/** The claim that a database returned, with the types that {@link Claim} promises: a value of another type says nothing. */
export function keptClaim(raw: unknown): Claim {
  const { owner, until, retryAt, coolingSince, attempts } = Object(raw) as { readonly [F in string]?: unknown };
  return {
    owner: typeof owner === 'string' ? owner : '',
    until: number(until),
    retryAt: number(retryAt),
    coolingSince: number(coolingSince),
    attempts: number(attempts),
  };
}

function number(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
