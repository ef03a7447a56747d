import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { OAuthOptions } from './oauth-options.ts';
import { wasNotSent } from './was-not-sent.ts';

/** A `fetch` reduced to what the OAuth library calls it with. */
export type Send = (url: string, init: object) => Promise<Response>;

/**
 * A `fetch` that ends by itself: after the deadline, or when the caller's signal says so, whatever comes first. The body
 * is part of it, so that what it resolves with can be read without waiting.
 *
 * @throws `E_NETWORK` for every failure, the caller's abort included; with `inDoubt: false` where it is certain that
 * nothing was sent.
 */
export function transport(options: OAuthOptions): Send {
  // Called as a plain function: workerd refuses a `fetch` whose `this` is the options object.
  const { fetch = globalThis.fetch, signal, timeoutMs = 10_000 } = options;
  return async (url, init) => {
    if (signal?.aborted) throw new TokenkeepError('E_NETWORK', ending(signal), { inDoubt: false });
    const deadline = timeoutMs === Number.POSITIVE_INFINITY ? undefined : AbortSignal.timeout(timeoutMs);
    const ended = AbortSignal.any([deadline, signal].filter((one) => one !== undefined));
    const wasOffline = isOffline();
    try {
      const response = await fetch(url, { ...init, signal: ended });
      const text = await response.text();
      // Browsers hide a redirect behind status 0. It is not followed either way.
      return new Response(text || null, { status: response.status || 302, headers: response.headers });
    } catch (error) {
      let message =
        'The authorization server could not be reached; check the connection and its address, then try again.';
      if (signal?.aborted) message = ending(signal);
      if (deadline?.aborted) message = `The authorization server did not answer within ${timeoutMs} ms; try again.`;
      const inDoubt = !(wasOffline && isOffline()) && !wasNotSent(error);
      throw new TokenkeepError('E_NETWORK', message, { inDoubt });
    }
  };
}

function ending({ reason }: AbortSignal): string {
  return reason?.name === 'TimeoutError'
    ? 'The authorization server did not answer in time; try again.'
    : 'The call was ended before the authorization server had answered; try again.';
}

/** Browsers say `false` only when they are certain; other runtimes say nothing. */
function isOffline(): boolean {
  const { navigator } = globalThis as { readonly navigator?: { readonly onLine?: unknown } };
  return navigator?.onLine === false;
}
