import { softExpiry as defaultSoftExpiry } from '../core/soft-expiry.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { authorizedFetch } from './authorized-fetch.ts';
import { eventTeller } from './event-teller.ts';
import { freshness } from './freshness.ts';
import { keepRunningBy } from './keep-running.ts';
import { localClaims } from './local-claims.ts';
import { obtainToken } from './obtain-token.ts';
import type { SourceContext } from './source-context.ts';
import type { TokenSource, TokenSourceOptions } from './token-source.ts';
import { untilAborted } from './until-aborted.ts';

/** What runs longer fires at once in Node and in browsers. */
const longestTimer = 2 ** 31 - 1;

/**
 * Makes a source of one stored token. It keeps no state but what the store holds: the claim makes callers wait for each
 * other, so that it works across tabs, isolates and processes alike. In a Worker make one for each request.
 *
 * Over a backend without compare-and-set claims hold within the source alone: keep that one.
 *
 * @throws `E_UNSUPPORTED` when the backend has no compare-and-set and the provider rotates refresh tokens: two callers could
 * spend the same one, which ends the grant.
 * @throws `E_CONFIG` when an allowed origin is not one, or `waitMs`, `timeoutMs` or `intervalMs` is nothing that a timer takes.
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { store, query, cache, role, signals, softExpiry = defaultSoftExpiry, now = Date.now } = options;
  const { waitMs = 15_000, timeoutMs = 10_000, intervalMs = 5000, rotation = 'strict' } = options;
  const { compareAndSet } = store.capabilities;
  if (!compareAndSet && rotation === 'strict' && role === undefined) {
    throw new TokenkeepError(
      'E_UNSUPPORTED',
      'this backend cannot keep two callers from spending one refresh token; use D1 or another with compare-and-set, set role, or set rotation to none if the server does not replace refresh tokens',
    );
  }
  for (const [name, ms] of Object.entries({ waitMs, timeoutMs, intervalMs })) {
    if (Number.isInteger(ms) && ms > 0 && ms <= longestTimer) continue;
    throw new TokenkeepError('E_CONFIG', `${name} is not a whole number of milliseconds from 1 to ${longestTimer}`);
  }
  const context: SourceContext = {
    store: compareAndSet ? store : localClaims(store, now),
    renewal: options,
    query,
    role,
    signals,
    waitMs,
    timeoutMs,
    intervalMs,
    tell: eventTeller(options),
    keepRunning: keepRunningBy(options.waitUntil),
    freshnessOf: (token) => freshness(token, softExpiry(token), now()),
    now,
  };

  const getToken: TokenSource['getToken'] = async (request = {}) => {
    const { forceRefresh = false, signal } = request;
    signal?.throwIfAborted();
    if (cache !== undefined && forceRefresh === false) {
      const cached = await untilAborted(cache.read(query), signal);
      if (cached !== undefined && context.freshnessOf(cached) === 'fresh') return { ...cached, outcome: 'cached' };
    }
    const askedAt = now();
    const token = await untilAborted(obtainToken(context, request), signal);
    if (cache !== undefined && context.freshnessOf(token) === 'fresh') {
      context.keepRunning(cache.write(query, token, askedAt));
    }
    return token;
  };

  return { getToken, fetch: authorizedFetch(options, getToken) };
}
