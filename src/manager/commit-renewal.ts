import type { OAuthToken, SavedToken, TokenChange } from '../core/oauth-token.ts';
import type { ClaimableTokenStore } from '../core/token-store.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** Who commits, and what becomes of an answer that has no token to belong to any more. */
export interface CommitOptions {
  /** The owner of the claim, which ends with the write; absent where the backend has no claims. */
  readonly owner: string | undefined;
  readonly discard: ((token: OAuthToken) => Promise<void>) | undefined;
}

/**
 * Saves what the authorization server answered. It may be the only live refresh token there is, so that a write that failed
 * is tried again: it is conditional on the revision, and one that took place without being acknowledged is recognised.
 *
 * @param token the token as it was when its refresh token was spent.
 * @returns the stored token: this answer, or the one of somebody who renewed or signed in meanwhile.
 * @throws `E_REAUTH` when the token was deleted meanwhile.
 */
export async function commitRenewal(
  store: ClaimableTokenStore,
  token: SavedToken,
  change: TokenChange,
  { owner, discard }: CommitOptions,
): Promise<SavedToken> {
  const { id: _id, revision: _revision, ...fields } = change;
  const { id } = token;
  let { revision } = token;
  for (;;) {
    try {
      const commit = { ...fields, id, revision };
      return await persistently(() => store.saveToken(commit, owner === undefined ? {} : { claimOwner: owner }));
    } catch (error) {
      if (!(error instanceof TokenkeepError) || error.code !== 'E_CONFLICT') throw error;
      const latest = await persistently(() => store.findTokenById(id));
      if (latest === undefined) {
        await discard?.({ ...token, ...fields } as OAuthToken).catch(() => undefined);
        throw new TokenkeepError('E_REAUTH', 'the token was deleted while it was renewed; sign in again');
      }
      // our own write, or somebody who took over or signed in anew: theirs is the newer truth
      if (isRenewal(latest, token, fields)) return latest;
      if (latest.revision === revision) throw error;
      // an unrelated save came in between: what is stored is still the refresh token that was just spent
      revision = latest.revision;
    }
  }
}

/** How long to wait before the database is asked again, in milliseconds. */
const pausesMs = [50, 200, 800];

/** Does the work again when the database failed; it may have been done all the same. */
async function persistently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const pause of pausesMs) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TokenkeepError) || error.code !== 'E_STORAGE') throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return work();
}

/** Whether the stored token was renewed, and not merely saved with another field. */
function isRenewal(latest: SavedToken, spent: SavedToken, answer: TokenChange): boolean {
  if (latest.refreshToken !== spent.refreshToken) return true;
  return answer.refreshToken === undefined && latest.accessToken !== spent.accessToken;
}
