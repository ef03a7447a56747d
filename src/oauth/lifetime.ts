const century = 100 * 365.25 * 86_400;

/**
 * The lifetime a server gave, in seconds (`expires_in`, RFC 6749 §5.1): a number, or the same as decimal text.
 *
 * @returns `undefined` for what says nothing about when the token expires: an absent value, text that is no number,
 * NaN, a negative number (some servers write -1 for "never"), and more than 100 years. 0 is expired at once.
 */
export function lifetimeSeconds(value: unknown): number | undefined {
  const isDecimal = typeof value === 'string' && /^\s*\d+(\.\d*)?\s*$/.test(value);
  const seconds = isDecimal ? Number(value) : value;
  return typeof seconds === 'number' && seconds >= 0 && seconds <= century ? seconds : undefined;
}

/**
 * When a token of this lifetime expires, in whole epoch milliseconds. The only place where a lifetime becomes an instant.
 *
 * @param now when the answer arrived, in epoch milliseconds.
 */
export function expiresAt(lifetime: unknown, now: number): number | undefined {
  const seconds = lifetimeSeconds(lifetime);
  return seconds === undefined ? undefined : Math.floor(now + seconds * 1000);
}
