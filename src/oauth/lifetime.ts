const century = 100 * 365.25 * 86_400;

/**
 * The lifetime a server gave, in seconds (`expires_in`, RFC 6749 §5.1): a number, or the same as decimal text.
 *
 * @returns `undefined` for what says nothing about when the token expires: an absent value, text that is no number,
 * NaN, a negative number (some servers write -1 for "never"), and more than 100 years. 0 is expired at once. A token
 * without a known lifetime counts as live until its API refuses it.
 */
export function lifetimeSeconds(value: unknown): number | undefined {
  const isDecimal = typeof value === 'string' && /^\s*\d+(\.\d*)?\s*$/.test(value);
  const seconds = isDecimal ? Number(value) : value;
  return typeof seconds === 'number' && seconds >= 0 && seconds <= century ? seconds : undefined;
}

/**
 * When a token of this lifetime expires, in whole epoch milliseconds. The only place where a lifetime becomes an instant.
 *
 * The instant is one of the clock here, never of the server's: whoever keeps the token compares it with the same clock, so
 * that being wrong does no harm as long as it goes on. A clock that was set back shows in `obtainedAt`.
 *
 * @param now when the answer arrived, in epoch milliseconds.
 */
export function expiresAt(lifetime: unknown, now: number): number | undefined {
  const seconds = lifetimeSeconds(lifetime);
  return seconds === undefined ? undefined : Math.floor(now + seconds * 1000);
}
