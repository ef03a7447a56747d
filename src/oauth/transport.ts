import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { OAuthOptions } from './oauth-options.ts';

/** A `fetch` reduced to what the OAuth library calls it with. */
export type Send = (url: string, init: object) => Promise<Response>;

/**
 * A `fetch` that ends by itself: after the deadline, or when the caller's signal says so, whatever comes first. The body
 * is part of it, so that what it resolves with can be read without waiting.
 *
 * @throws `E_NETWORK` for every failure, the caller's abort included.
 */
export function transport(options: OAuthOptions): Send {
  // Called as a plain function: workerd refuses a `fetch` whose `this` is the options object.
  const { fetch = globalThis.fetch, signal, timeoutMs = 10_000 } = options;
  return async (url, init) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const ended = signal ? AbortSignal.any([deadline, signal]) : deadline;
    try {
      const response = await fetch(url, { ...init, signal: ended });
      const text = await response.text();
      // Browsers hide a redirect behind status 0. It is not followed either way.
      return new Response(text || null, { status: response.status || 302, headers: response.headers });
    } catch {
      throw new TokenkeepError(
        'E_NETWORK',
        deadline.aborted
          ? `The authorization server did not answer within ${timeoutMs} ms; try again.`
          : 'The authorization server could not be reached; check the connection and its address, then try again.',
      );
    }
  };
}
