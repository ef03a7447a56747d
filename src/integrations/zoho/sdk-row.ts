import type { OAuthToken, SavedToken, TokenQuery } from '../../core/oauth-token.ts';
import type { TokenStore } from '../../core/token-store.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { codeOf } from './sdk-exception.ts';
import type { SdkToken } from './sdk-token.ts';

/** How long before its expiry the SDK renews an access token. */
const marginMs = 5000;

/**
 * The stored token that one of the SDK means, by the rules of {@link TokenStore.findToken}. One without anything to find it by
 * means none. So does one that brings a grant where the record is damaged: nobody could ever sign in over it otherwise.
 *
 * @throws `E_AMBIGUOUS` when several match; what the store throws.
 */
export async function findSdkRow(store: TokenStore, token: SdkToken): Promise<SavedToken | undefined> {
  const { id, userName, issuer, clientId, clientSecret, accessToken, grantToken, refreshToken } = token;
  const known = { id, userName, issuer, clientId, clientSecret, accessToken, grantToken, refreshToken };
  const query: TokenQuery = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  const bringsGrant = (grantToken ?? refreshToken) !== undefined;
  const found = await ask(store, query, bringsGrant);
  if (found !== undefined || issuer === undefined) return found;
  // stored before anybody knew its data centre: a second record of its user would make both ambiguous
  const { issuer: _, ...elsewhere } = query;
  const unplaced = await ask(store, elsewhere, bringsGrant).catch((error: unknown) => {
    if (codeOf(error) !== 'E_AMBIGUOUS') throw error;
    return undefined;
  });
  return unplaced?.issuer === undefined ? unplaced : undefined;
}

async function ask(store: TokenStore, query: TokenQuery, bringsGrant: boolean): Promise<SavedToken | undefined> {
  try {
    return await store.findToken(query);
  } catch (error) {
    const code = codeOf(error);
    const isDamaged = code === 'E_AUTH' || code === 'E_FORMAT';
    if (code === 'E_QUERY' || (isDamaged && bringsGrant)) return undefined;
    if (code !== 'E_AMBIGUOUS') throw error;
    throw new TokenkeepError(
      'E_AMBIGUOUS',
      'more than one token matches; set the id of the token, or its client id and API domain',
    );
  }
}

/** Whether the caller's token comes from another grant than the stored one: its user has signed in again. */
export function isAnotherGrant({ grantToken, refreshToken }: SdkToken, stored: OAuthToken): boolean {
  const differs = (given: string | undefined, kept: string | undefined) => given !== undefined && given !== kept;
  return differs(grantToken, stored.grantToken) || differs(refreshToken, stored.refreshToken);
}

/**
 * Makes sure that the SDK can use the token, or renew it: where something is missing, it would send the text `undefined` in its
 * place, and keep what comes of that.
 *
 * @throws `E_REAUTH` when the user has to sign in again; `E_CONFIG` when the client's id or secret is missing.
 */
export function checkRenewable(token: SdkToken, now: number): void {
  const { accessToken, refreshToken, grantToken, expiresAt = Number.POSITIVE_INFINITY } = token;
  if (accessToken !== undefined && expiresAt - now >= marginMs) return;
  const hasGrant = accessToken === undefined && grantToken !== undefined;
  if (token.reauthRequired !== undefined || (refreshToken === undefined && !hasGrant)) {
    throw new TokenkeepError('E_REAUTH', 'the access token has expired and cannot be renewed; the user has to sign in');
  }
  if (token.clientId === undefined || token.clientSecret === undefined) {
    throw new TokenkeepError(
      'E_CONFIG',
      'the token cannot be renewed without its client; ask for it with the client id and the client secret',
    );
  }
}
