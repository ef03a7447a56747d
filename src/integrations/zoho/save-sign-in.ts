import type { OAuthToken, SavedToken, TokenChange, TokenQuery } from '../../core/oauth-token.ts';
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
    const condition = former && { id: former.id, revision: former.revision };
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

/**
 * What is stored for the user at this data centre, or without one, as by somebody who did not know it. Nothing where nobody
 * knows the user, or where the record no longer opens.
 */
async function storedFor(store: ZohoStore, change: TokenChange): Promise<SavedToken | undefined> {
  const { userName, issuer, clientId } = change;
  if (!userName || !issuer || !clientId) return undefined;
  const found = await find(store, { userName, issuer, clientId });
  if (found !== undefined) return found;
  const elsewhere = await find(store, { userName, clientId });
  return elsewhere?.issuer === undefined ? elsewhere : undefined;
}

async function find(store: ZohoStore, query: TokenQuery): Promise<SavedToken | undefined> {
  return store.findToken(query).catch((error: unknown) => {
    const isNone = error instanceof TokenkeepError && ['E_AUTH', 'E_FORMAT', 'E_AMBIGUOUS'].includes(error.code);
    if (!isNone) throw error;
    return undefined;
  });
}
