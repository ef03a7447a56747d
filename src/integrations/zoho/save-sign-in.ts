import type { OAuthToken, SavedToken, TokenChange } from '../../core/oauth-token.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import type { ZohoStore } from './zoho-client-options.ts';

const maxAttempts = 20;

/**
 * Saves what a sign-in brought over whatever is stored for its user, and revokes the refresh token that it replaces: Zoho keeps
 * twenty for a user and a client, and ends the oldest, perhaps another device's, for one more.
 *
 * Concurrency: a token that somebody else saves in between is the next to be replaced, so that of many sign-ins at once each
 * revokes one; only those that find no token at all may overlook each other.
 *
 * @param revoke told to end what was replaced. Its failure is ignored: the sign-in has succeeded.
 */
export async function saveSignIn(
  store: ZohoStore,
  change: TokenChange,
  revoke: (token: OAuthToken) => Promise<unknown>,
): Promise<SavedToken> {
  for (let attempt = 1; ; attempt++) {
    const former = await storedFor(store, change);
    const condition = former && { revision: former.revision };
    try {
      const saved = await store.saveToken({ ...change, ...condition }, { replaceDamaged: true });
      const isReplaced = former?.refreshToken !== undefined && former.refreshToken !== saved.refreshToken;
      if (isReplaced) await revoke(former).catch(() => undefined);
      return saved;
    } catch (error) {
      const isOvertaken = error instanceof TokenkeepError && error.code === 'E_CONFLICT';
      if (!isOvertaken || former === undefined || attempt === maxAttempts) throw error;
    }
  }
}

/** What is stored for the user; nothing where nobody knows the user, or where the record no longer opens. */
async function storedFor(store: ZohoStore, change: TokenChange): Promise<SavedToken | undefined> {
  const { userName, issuer, clientId } = change;
  if (!userName || !issuer || !clientId) return undefined;
  return store.findToken({ userName, issuer, clientId }).catch((error: unknown) => {
    const isDamaged = error instanceof TokenkeepError && (error.code === 'E_AUTH' || error.code === 'E_FORMAT');
    if (!isDamaged) throw error;
    return undefined;
  });
}
