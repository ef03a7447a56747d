import { serverTime } from './server-time.ts';

const longest = 86_400_000;

/**
 * How long a server asks to wait (RFC 9110 §10.2.3), in milliseconds, from seconds or an HTTP date. A date counts from
 * the answer's own `Date`, and from the clock here only where there is none to be seen.
 *
 * @returns `undefined` without a readable header; never more than a day, so that no answer can lock a token for good.
 * A page of another origin sees the header only when the server exposes it (`Access-Control-Expose-Headers`).
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  const date = /^[A-Z][a-z]+, /.test(value) ? Date.parse(value) : Number.NaN;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : date - (serverTime(headers) ?? now);
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), longest);
}
