import type { AccessToken } from '../core/access-token.ts';
import type { SavedToken } from '../core/oauth-token.ts';
import type { ClaimableToken } from '../core/token-store.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { accessTokenOf } from './access-token-of.ts';
import { claimAndRenew } from './claim-and-renew.ts';
import { hindranceOf } from './hindrance-of.ts';
import type { Renewed } from './renew-token.ts';
import type { SourceContext } from './source-context.ts';
import type { GetTokenOptions } from './token-source.ts';
import { waitForRenewal } from './wait-for-renewal.ts';

/**
 * A usable access token from the store: read, and renewed or waited for as long as there is none. Each round reads again,
 * because whatever else a caller knows may be old by then.
 */
export async function obtainToken(
  context: SourceContext,
  { forceRefresh = false, signal }: GetTokenOptions,
): Promise<AccessToken> {
  const { store, signals, role, waitMs, intervalMs, tell, keepRunning, freshnessOf, now } = context;
  const isJustObtained = ({ obtainedAt = 0 }: SavedToken): boolean => {
    const age = now() - obtainedAt;
    return age >= 0 && age < intervalMs;
  };
  let first: SavedToken | undefined;
  let departed: string | undefined;
  let over = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for (let round = 0; ; round++) {
      signal?.throwIfAborted();
      const { token, claim } = await read(context);
      first ??= token;
      const forced = isForced(forceRefresh, token, first) && (forceRefresh === true || !isJustObtained(token));
      // asked again after every wait: a token can expire while somebody tries to renew it
      const usable = (): boolean => !forced && freshnessOf(token) !== 'expired';

      if (token.accessToken !== undefined && token.accessToken !== first.accessToken) {
        // however short its life is, one that was renewed just now will not get any fresher
        if (usable() || isJustObtained(token)) {
          await tell({ type: 'joined', tokenId: token.id, revision: token.revision, at: now() });
          return accessTokenOf(token, 'joined');
        }
      } else if (!forced && freshnessOf(token) === 'fresh') {
        return accessTokenOf(token, 'fresh');
      }
      const hindrance = hindranceOf(token, claim.coolingMs, role);
      if (hindrance !== undefined) {
        if (usable()) return accessTokenOf(token, token.refreshToken === undefined ? 'fresh' : 'kept');
        throw hindrance;
      }
      const hasDied = claim.owner === departed;
      if (hasDied) await store.releaseToken(token.id, { owner: claim.owner, inDoubt: true });
      if (claim.heldMs === 0 || hasDied) {
        const work = claimAndRenew(token, context);
        keepRunning(work);
        const renewed = await work.catch((error: unknown) => instead(error, token, usable, context));
        const confirmed = renewed && (await confirm(renewed, token, context));
        if (confirmed !== undefined) return confirmed;
      }
      if (usable()) return accessTokenOf(token, 'kept');
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

async function read({ store, query }: SourceContext): Promise<ClaimableToken> {
  const found = await store.findClaimable(query);
  if (found === undefined) throw new TokenkeepError('E_REAUTH', 'there is no such token; sign in');
  return found;
}

function isForced(force: boolean | AccessToken, token: SavedToken, first: SavedToken): boolean {
  if (typeof force === 'boolean') return force && token.accessToken === first.accessToken;
  return token.id === force.id && token.accessToken === force.accessToken;
}

/**
 * What a renewal came to, if it is what was asked for: somebody else's token may be another user's, or have expired, and a
 * server may grant less scope than before.
 */
async function confirm(
  { token, outcome }: Renewed,
  before: SavedToken,
  context: SourceContext,
): Promise<AccessToken | undefined> {
  if (outcome === 'kept' || (outcome === 'refreshed' && token.scope === before.scope)) {
    return accessTokenOf(token, outcome);
  }
  const { token: latest } = await read(context);
  return outcome === 'adopted' && context.freshnessOf(latest) === 'expired'
    ? undefined
    : accessTokenOf(latest, outcome);
}

/** What a caller gets whose renewal failed: a token that still works, if there is one. */
async function instead(
  error: unknown,
  token: SavedToken,
  usable: () => boolean,
  context: SourceContext,
): Promise<Renewed> {
  if (!(error instanceof TokenkeepError) || (error.code === 'E_REAUTH' && error.reason === undefined)) throw error;
  if (usable()) return { token, outcome: 'kept' };
  if (error.code !== 'E_UNAVAILABLE') throw error;
  const { token: latest } = await read(context);
  if (latest.accessToken === token.accessToken || context.freshnessOf(latest) === 'expired') throw error;
  await context.tell({ type: 'adopted', tokenId: latest.id, revision: latest.revision, at: context.now() });
  return { token: latest, outcome: 'adopted' };
}
