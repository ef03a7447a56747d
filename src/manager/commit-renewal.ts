import type { SavedToken, TokenChange } from '../core/oauth-token.ts';
import type { ClaimableTokenStore } from '../core/token-store.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { persistently } from './persistently.ts';

/** What became of a commit. */
export interface Commit {
  /** What is stored now. */
  readonly token: SavedToken;
  /** Whether that is somebody else's newer token, and not what was to be committed. */
  readonly adopted: boolean;
}

/**
 * Saves what came of a renewal. It may hold the only live refresh token there is, so that a write that failed is tried
 * again: it is conditional on the revision, and one that took place without being acknowledged is recognised. Saves of
 * something else in between are kept, and do not stand in its way.
 *
 * @param spent the token as it was when its refresh token was sent.
 * @param owner the owner of the claim, which ends with the write, and only with it.
 * @returns `undefined` when the token was deleted meanwhile.
 * @throws `E_STORAGE` when the database stays broken.
 */
export async function commitRenewal(
  store: ClaimableTokenStore,
  spent: SavedToken,
  change: TokenChange,
  owner: string,
): Promise<Commit | undefined> {
  const { id } = spent;
  let { revision } = spent;
  for (;;) {
    try {
      const commit = { ...change, id, revision };
      const token = await persistently(() => store.saveToken(commit, { claimOwner: owner }));
      return { token, adopted: false };
    } catch (error) {
      if (!(error instanceof TokenkeepError) || error.code !== 'E_CONFLICT') throw error;
      const latest = await persistently(() => store.findTokenById(id));
      if (latest === undefined) return undefined;
      if (isOwn(latest, change)) return { token: latest, adopted: false };
      // a backend may show what was there before: nobody's newer truth, and written over
      const isPast = !store.capabilities.strongReads && latest.revision < spent.revision;
      // somebody who took over, or signed in anew: theirs is the newer truth
      if (!isPast && isRenewal(latest, spent, change)) return { token: latest, adopted: true };
      if (latest.revision === revision) throw error;
      revision = latest.revision;
    }
  }
}

/** Whether the stored token is what was to be committed: the write took place, and its acknowledgement was lost. */
function isOwn(latest: SavedToken, change: TokenChange): boolean {
  if (change.accessToken === undefined) return latest.reauthRequired !== undefined;
  // a server may give the same access token for longer
  const names = ['accessToken', 'refreshToken', 'obtainedAt', 'expiresAt'] as const;
  return names.every((name) => change[name] === undefined || latest[name] === (change[name] ?? undefined));
}

/** Whether the stored token was renewed, and not merely saved with another field. */
function isRenewal(latest: SavedToken, spent: SavedToken, change: TokenChange): boolean {
  if (latest.refreshToken !== spent.refreshToken) return true;
  const { refreshToken = spent.refreshToken } = change;
  return refreshToken === spent.refreshToken && latest.accessToken !== spent.accessToken;
}
