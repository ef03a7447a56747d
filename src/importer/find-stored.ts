import { isAnothers } from '../core/is-anothers.ts';
import type { OAuthToken, SavedToken, TokenQuery } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { ImportTarget } from './import-target.ts';

/** What the target has of a token. */
export interface StoredMatch {
  /** The very token, under whichever id. */
  readonly stored?: SavedToken;
  /** Whether the id that the token had in the source is another token's here. */
  readonly idTaken: boolean;
}

/**
 * Finds the token in the target: by its id, if that leads to the same user's; else by its user; else by what no two tokens share.
 *
 * @throws `E_AMBIGUOUS` when several could be it.
 */
export async function findStored(target: ImportTarget, { id, ...token }: OAuthToken): Promise<StoredMatch> {
  const named = id === undefined ? undefined : await target.findTokenById(id);
  if (named !== undefined && isSame(token, named)) return { stored: named, idTaken: false };
  const idTaken = named !== undefined;
  for (const query of queriesOf(token)) {
    const found = (await target.findTokens(query)).filter((stored) => isSame(token, stored));
    const exact = found.filter(({ issuer, clientId }) => issuer === token.issuer && clientId === token.clientId);
    const [stored, other] = exact.length > 0 ? exact : found;
    if (other !== undefined) {
      throw new TokenkeepError(
        'E_AMBIGUOUS',
        'the target has several tokens of this user; say which with --data-center',
      );
    }
    if (stored !== undefined) return { stored, idTaken };
  }
  return { idTaken };
}

/** Whether a stored token is of the same user and client; where one of them names no user, of the same grant. */
function isSame(token: OAuthToken, stored: SavedToken): boolean {
  if (isAnothers(token, stored) || stored.resource !== undefined) return false;
  if (token.userName !== undefined && stored.userName !== undefined) return true;
  return (['refreshToken', 'grantToken', 'accessToken'] as const).some(
    (field) => token[field] !== undefined && token[field] === stored[field],
  );
}

/** The user at any issuer and client: one that was stored before anybody knew its data centre is to be found, too. */
function queriesOf({ userName, refreshToken, grantToken, accessToken }: OAuthToken): readonly TokenQuery[] {
  const byUser = userName === undefined ? [] : [{ userName }];
  if (refreshToken !== undefined) return [...byUser, { refreshToken }];
  if (grantToken !== undefined) return [...byUser, { grantToken }];
  return accessToken === undefined ? byUser : [...byUser, { accessToken }];
}
