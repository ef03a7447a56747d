import type { SavedToken, TokenChange } from '../../core/oauth-token.ts';
import type { ClaimableTokenStore } from '../../core/token-store.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { codeOf } from './sdk-exception.ts';
import { findSdkRow, isAnotherGrant } from './sdk-row.ts';
import type { SdkToken } from './sdk-token.ts';

/** What a new sign-in replaces, whether it brings another one or none. */
const ofOneGrant = {
  issuer: null,
  grantToken: null,
  refreshToken: null,
  accessToken: null,
  apiDomain: null,
  scope: null,
  idToken: null,
  extras: null,
} as const satisfies TokenChange;

/** A token as the SDK got it. */
export type HandedOut = Pick<SavedToken, 'id' | 'refreshToken'>;

/** How often a save starts over when others save or delete the same token at the same time. */
const maxAttempts = 20;

/**
 * Saves what the SDK obtained with a grant or a refresh token of its own. Over the token of another grant it leaves nothing
 * of that one.
 */
export async function saveSdkSignIn(store: ClaimableTokenStore, token: SdkToken): Promise<SavedToken> {
  for (let attempt = 1; ; attempt++) {
    try {
      const row = await findSdkRow(store, token);
      // no revision where there is nothing to replace: the store then sees to it that concurrent first saves leave one record
      if (row === undefined) return await store.saveToken(token, { keepGrant: true, replaceDamaged: true });
      const { id, revision } = row;
      const change = isAnotherGrant(token, row) ? { ...ofOneGrant, ...token, revision } : token;
      return await store.saveToken({ ...change, id }, { keepGrant: true });
    } catch (error) {
      if (codeOf(error) !== 'E_CONFLICT' || attempt === maxAttempts) throw error;
    }
  }
}

/**
 * Saves what the SDK made of a token that it was handed: a renewed one. Nothing is brought back that was deleted meanwhile, and
 * nothing overwritten that a new sign-in has stored: the SDK then gets that, to go on with.
 *
 * @throws `E_REAUTH` when the token was deleted meanwhile.
 */
export async function saveSdkRenewal(
  store: ClaimableTokenStore,
  token: SdkToken,
  handed: HandedOut,
): Promise<SavedToken> {
  const { id } = handed;
  let change: TokenChange = token;
  let tried: number | undefined;
  for (let attempt = 1; ; attempt++) {
    const stored = await store.findTokenById(id);
    if (stored === undefined) {
      throw new TokenkeepError('E_REAUTH', 'the token was deleted while it was renewed; the user has to sign in');
    }
    if (handed.refreshToken !== undefined && stored.refreshToken !== handed.refreshToken) return stored;
    // refused at this very revision: its user, whose name the SDK has just learned, is stored under another id as well
    if (stored.revision === tried) {
      const { userName: _, ...nameless } = change;
      change = nameless;
    }
    tried = stored.revision;
    try {
      return await store.saveToken({ ...change, id, revision: tried }, { keepGrant: true });
    } catch (error) {
      if (codeOf(error) !== 'E_CONFLICT' || attempt === maxAttempts) throw error;
    }
  }
}
