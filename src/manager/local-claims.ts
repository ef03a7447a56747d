import { claimed, claimState, released, unclaimed, written } from '../core/claim.ts';
import type { SavedToken } from '../core/oauth-token.ts';
import type { ClaimableTokenStore } from '../core/token-store.ts';

/**
 * The store, for one source over a backend that excludes nobody and may show an old record: claims that hold within that
 * source alone, and a memory of the newest token it has seen, so that it never sends a refresh token that it has replaced.
 *
 * @param store is asked for one token only, as a source does.
 */
export function localClaims(store: ClaimableTokenStore, now: () => number): ClaimableTokenStore {
  let newest: SavedToken | undefined;
  let claim = unclaimed;

  const remember = (token: SavedToken, claimOwner?: string): void => {
    const renewed = token.id !== newest?.id || token.refreshToken !== newest.refreshToken;
    claim = written(claim, { renewed, ...(claimOwner !== undefined && { claimOwner }) });
    newest = token;
  };

  return {
    capabilities: store.capabilities,

    async findClaimable(query) {
      const found = await store.findClaimable(query);
      if (found === undefined) return undefined;
      if (newest === undefined || isNewer(found.token, newest)) remember(found.token);
      return { token: newest ?? found.token, claim: claimState(claim, now()) };
    },

    async claimToken({ revision }, request) {
      const step = claimed(claim, newest?.revision ?? revision, { ...request, revision }, now());
      claim = step.claim;
      return step.outcome;
    },

    async releaseToken(_id, release) {
      claim = released(claim, release, now());
    },

    async saveToken(change, options) {
      const saved = await store.saveToken(change, options);
      remember(saved, options?.claimOwner);
      return saved;
    },

    findToken: (query) => store.findToken(query),
    findTokenById: (id) => store.findTokenById(id),
    deleteToken: (id) => store.deleteToken(id),
    getTokens: () => store.getTokens(),
    deleteTokens: () => store.deleteTokens(),
  };
}

/** Two writers who did not see each other have written the same revision: of theirs the one obtained later is newer. */
function isNewer(token: SavedToken, known: SavedToken): boolean {
  if (token.id !== known.id || token.revision > known.revision) return true;
  return token.revision === known.revision && (token.obtainedAt ?? 0) > (known.obtainedAt ?? 0);
}
