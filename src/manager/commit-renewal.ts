import type { SavedToken, TokenChange } from '../core/oauth-token.ts';
import type { ClaimableTokenStore } from '../core/token-store.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { persistently } from './persistently.ts';

/** What became of a commit. */
export interface Commit {
  /** What is stored now; absent when the token was deleted meanwhile. */
  readonly token?: SavedToken;
  /** Whether that is somebody else's newer token, and not what was to be committed. */
  readonly adopted: boolean;
}

/**
 * Saves what came of a renewal. It may hold the only live refresh token there is, so that a write that failed is tried
 * again: it is conditional on the revision, and one that took place without being acknowledged is recognised. Saves of
 * something else in between are kept, and do not stand in its way.
 *
 * @param spent the token as it was when its refresh token was sent.
 * @param owner the owner of the claim, which ends with the write; absent where the backend has no claims.
 * @throws `E_STORAGE` when the database stays broken.
 */
export async function commitRenewal(
  store: ClaimableTokenStore,
  spent: SavedToken,
  change: TokenChange,
  owner: string | undefined,
): Promise<Commit> {
  const { id: _id, revision: _revision, ...fields } = change;
  const { id } = spent;
  let { revision } = spent;
  for (;;) {
    try {
      const commit = { ...fields, id, revision };
      const token = await persistently(() => store.saveToken(commit, owner === undefined ? {} : { claimOwner: owner }));
      return { token, adopted: false };
    } catch (error) {
      if (!(error instanceof TokenkeepError) || error.code !== 'E_CONFLICT') throw error;
      const latest = await persistently(() => store.findTokenById(id));
      if (latest === undefined) return { adopted: false };
      if (isOwn(latest, fields)) return { token: latest, adopted: false };
      // somebody who took over, or signed in anew: theirs is the newer truth
      if (isRenewal(latest, spent, fields)) return { token: latest, adopted: true };
      if (latest.revision === revision) throw error;
      revision = latest.revision;
    }
  }
}

/** Whether the stored token is what was to be committed: the write took place, and its acknowledgement was lost. */
function isOwn(latest: SavedToken, change: TokenChange): boolean {
  if (change.accessToken === undefined) return latest.reauthRequired !== undefined;
  return (
    latest.accessToken === change.accessToken && latest.refreshToken === (change.refreshToken ?? latest.refreshToken)
  );
}

/** Whether the stored token was renewed, and not merely saved with another field. */
function isRenewal(latest: SavedToken, spent: SavedToken, change: TokenChange): boolean {
  if (latest.refreshToken !== spent.refreshToken) return true;
  return change.refreshToken === undefined && latest.accessToken !== spent.accessToken;
}
