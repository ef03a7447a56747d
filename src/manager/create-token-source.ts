import type { AccessOutcome, AccessToken } from '../core/access-token.ts';
import type { SavedToken } from '../core/oauth-token.ts';
import { softExpiry as defaultSoftExpiry } from '../core/soft-expiry.ts';
import type { ClaimableToken } from '../core/token-store.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { accessTokenOf } from './access-token-of.ts';
import { authorizedFetch } from './authorized-fetch.ts';
import { eventTeller } from './event-teller.ts';
import { freshness } from './freshness.ts';
import { persistently } from './persistently.ts';
import { reauthError } from './reauth-error.ts';
import { type Renewed, renewToken } from './renew-token.ts';
import type { TokenSource, TokenSourceOptions } from './token-source.ts';
import { untilAborted } from './until-aborted.ts';
import { waitForRenewal, watched } from './wait-for-renewal.ts';

/** Time to store what was renewed, when the authorization server has taken all of its own. */
const storingMs = 20_000;
/** How young a token is that no renewal would improve: an API that refuses it refuses its successor. */
const justObtainedMs = 5000;

/**
 * Makes a source of one stored token. It keeps no state but what the store holds: the claim makes callers wait for each
 * other, so that it works across tabs, isolates and processes alike. In a Worker make one for each request.
 *
 * @throws `E_UNSUPPORTED` when the backend has no compare-and-set and the provider rotates refresh tokens: two callers could
 * spend the same one, which ends the grant.
 * @throws `E_CONFIG` when an allowed origin is not one.
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { store, query, cache, signals, role, softExpiry = defaultSoftExpiry, now = Date.now } = options;
  const { waitMs = 15_000, timeoutMs = 10_000, rotation = 'strict' } = options;
  const { compareAndSet } = store.capabilities;
  if (!compareAndSet && rotation === 'strict' && role === undefined) {
    throw new TokenkeepError(
      'E_UNSUPPORTED',
      'this backend cannot keep two callers from spending one refresh token; use D1 or another with compare-and-set, set role, or set rotation to none if the server does not replace refresh tokens',
    );
  }
  const tell = eventTeller(options);
  const keepRunning = (work: Promise<unknown>): void => {
    const quiet = work.catch(() => undefined);
    options.waitUntil?.(quiet);
  };
  const context = { store, renewal: options, timeoutMs, tell, keepRunning, now };
  /** The newest token this source has seen, for a backend that may show an older one. */
  let newest: SavedToken | undefined;
  /** The renewal under way in this very source, where no claim keeps its callers apart. */
  let unclaimed: Promise<Renewed> | undefined;

  async function read(): Promise<ClaimableToken> {
    const found = await store.findClaimable(query);
    if (found === undefined) throw new TokenkeepError('E_REAUTH', 'there is no such token; sign in');
    if (store.capabilities.strongReads) return found;
    const { token, claim } = found;
    if (newest === undefined || newest.id !== token.id || newest.revision < token.revision) newest = token;
    return { token: newest, claim };
  }

  /** Renews the token, if nobody else does at the moment. */
  async function tryToRenew(token: SavedToken): Promise<Renewed | undefined> {
    if (!compareAndSet) {
      const joins = unclaimed !== undefined;
      unclaimed ??= renewToken(token, { owner: undefined, doubts: 0 }, context).finally(() => {
        unclaimed = undefined;
      });
      const renewed = await unclaimed;
      newest = renewed.token;
      return joins ? { ...renewed, outcome: 'joined' } : renewed;
    }
    const claimAndRenew = async (owner: string): Promise<Renewed | undefined> => {
      let tries = 0;
      const claim = await persistently(() => {
        tries++;
        return store.claimToken(token, { owner, ttlMs: timeoutMs + storingMs });
      });
      if (claim.granted) return renewToken(token, { owner, doubts: claim.doubts }, context);
      // granted the first time without anybody learning of it, and refused now because of a save in between
      if (tries > 1) await persistently(() => store.releaseToken(token.id, { owner })).catch(() => undefined);
      return undefined;
    };
    const owner = crypto.randomUUID();
    // the sign of life begins before the claim: a holder without one would be taken for dead
    return signals === undefined ? claimAndRenew(owner) : signals.hold(watched + owner, claimAndRenew);
  }

  async function obtain(force: boolean | AccessToken): Promise<AccessToken> {
    let first: SavedToken | undefined;
    let departed: string | undefined;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      for (let round = 0; ; round++) {
        const { token, claim } = await read();
        first ??= token;
        const forced = isForced(force, token, first);
        const state = forced ? 'expired' : freshness(token, softExpiry(token), now());
        // asked again after every wait: a token can expire while somebody tries to renew it
        const usable = (): boolean => !forced && freshness(token, softExpiry(token), now()) !== 'expired';
        const done = (outcome: AccessOutcome): AccessToken => accessTokenOf(token, outcome);

        // however short its life is, a token that was renewed while this caller waited will not get any fresher
        const renewedMeanwhile = token.accessToken !== undefined && token.accessToken !== first.accessToken;
        if (state === 'fresh' || renewedMeanwhile) {
          if (!renewedMeanwhile) return done('fresh');
          await tell({ type: 'joined', tokenId: token.id, revision: token.revision, at: now() });
          return done('joined');
        }
        const hindrance = hindranceOf(token, claim.coolingMs);
        if (hindrance !== undefined) {
          if (usable()) return done(token.refreshToken === undefined ? 'fresh' : 'kept');
          throw hindrance;
        }
        if (claim.heldMs > 0 && claim.owner === departed) {
          await store.releaseToken(token.id, { owner: departed, inDoubt: true });
        } else if (claim.heldMs > 0 && usable()) {
          return done('kept');
        }
        if (claim.heldMs === 0 || claim.owner === departed) {
          const work = tryToRenew(token);
          keepRunning(work);
          const renewed = await work.catch((error: unknown) => instead(error, token, usable));
          if (renewed !== undefined) return accessTokenOf(renewed.token, renewed.outcome);
          if (usable()) return done('kept');
        }
        if (over) {
          throw new TokenkeepError(
            'E_TIMEOUT',
            'another renewal of this token is not finished yet; try again in a moment',
          );
        }
        timer ??= setTimeout(() => {
          over = true;
        }, waitMs);
        departed = await waitForRenewal(claim, round, signals);
      }
    } finally {
      if (timer !== undefined) clearTimeout(timer);
    }
  }

  function isForced(force: boolean | AccessToken, token: SavedToken, first: SavedToken): boolean {
    if (typeof force === 'boolean') return force && token.accessToken === first.accessToken;
    const { obtainedAt = 0 } = token;
    const age = now() - obtainedAt;
    return token.id === force.id && token.accessToken === force.accessToken && !(age >= 0 && age < justObtainedMs);
  }

  /** Why the token is not to be renewed at all, or not now. */
  function hindranceOf(token: SavedToken, coolingMs: number): TokenkeepError | undefined {
    if (token.reauthRequired !== undefined) return reauthError(token.reauthRequired.reason);
    if (token.refreshToken === undefined) {
      return new TokenkeepError(
        'E_REAUTH',
        'the access token is of no more use and there is no refresh token; sign in again',
      );
    }
    if (coolingMs > 0) {
      const detail = { retryAfterMs: coolingMs };
      return new TokenkeepError(
        'E_UNAVAILABLE',
        'the authorization server could not renew the token just now; try again later',
        detail,
      );
    }
    if (role !== 'reader') return undefined;
    return new TokenkeepError('E_UNAVAILABLE', 'the one who renews this token has not done so yet; try again later');
  }

  /** What a caller gets whose renewal failed: a token that still works, if there is one. */
  async function instead(error: unknown, token: SavedToken, usable: () => boolean): Promise<Renewed> {
    if (!(error instanceof TokenkeepError) || (error.code === 'E_REAUTH' && error.reason === undefined)) throw error;
    if (usable()) return { token, outcome: 'kept' };
    if (error.code !== 'E_UNAVAILABLE') throw error;
    const { token: latest } = await read();
    if (latest.accessToken === token.accessToken || freshness(latest, softExpiry(latest), now()) === 'expired')
      throw error;
    await tell({ type: 'adopted', tokenId: latest.id, revision: latest.revision, at: now() });
    return { token: latest, outcome: 'adopted' };
  }

  const getToken: TokenSource['getToken'] = async ({ forceRefresh = false, signal } = {}) => {
    signal?.throwIfAborted();
    const cached = forceRefresh === false ? await cache?.read(query) : undefined;
    if (cached !== undefined && isFresh(cached)) return { ...cached, outcome: 'cached' };
    const token = await untilAborted(obtain(forceRefresh), signal);
    if (cache !== undefined && isFresh(token)) keepRunning(cache.write(query, token));
    return token;
  };

  function isFresh(token: AccessToken): boolean {
    return freshness(token, softExpiry(token), now()) === 'fresh';
  }

  return { getToken, fetch: authorizedFetch(options, getToken) };
}
