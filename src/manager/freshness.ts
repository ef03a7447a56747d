import type { SavedToken } from '../core/oauth-token.ts';

/** `fresh`: to be used. `due`: to be renewed, and usable meanwhile. `expired`: to be renewed before anybody uses it. */
export type Freshness = 'fresh' | 'due' | 'expired';

/** A request takes a while to arrive. */
const leewayMs = 10_000;
/** By how much the clocks of two who share a store may differ. */
const clocksDifferMs = 60_000;

/**
 * How fresh an access token is.
 *
 * One without an expiry (the server sent no usable `expires_in`) is fresh until an API refuses it. One that was obtained in
 * the future is expired: the clock has been turned back, and nobody knows how much of its life is over.
 *
 * @param softExpiry from when on it is due, in epoch milliseconds.
 */
export function freshness(
  { accessToken, obtainedAt, expiresAt }: SavedToken,
  softExpiry: number | undefined,
  now: number,
): Freshness {
  if (accessToken === undefined) return 'expired';
  if ((obtainedAt ?? 0) > now + clocksDifferMs) return 'expired';
  if (expiresAt === undefined) return 'fresh';
  const lifetime = obtainedAt === undefined ? Number.POSITIVE_INFINITY : Math.max(0, expiresAt - obtainedAt);
  if (expiresAt - Math.min(leewayMs, lifetime / 10) <= now) return 'expired';
  return (softExpiry ?? Number.POSITIVE_INFINITY) <= now ? 'due' : 'fresh';
}
