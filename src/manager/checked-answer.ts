import type { SavedToken, TokenChange } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * What a refresh function answered, as it may be stored over the token that was renewed. An answer without a refresh token
 * leaves the one there is in force (RFC 6749 §6), however it says that there is none; a time that is none is one that nobody
 * knows, and no reason to lose a new refresh token.
 *
 * @throws `E_NETWORK`, in doubt, for an answer that has no access token, or is one for somebody or something else.
 */
export function checkedAnswer(answer: TokenChange, token: SavedToken): TokenChange {
  const { id: _id, revision: _revision, refreshToken, obtainedAt, expiresAt, ...fields } = { ...answer };
  const names = ['userName', 'issuer', 'clientId', 'resource'] as const;
  const isAnothers = names.some((name) => fields[name] && token[name] !== undefined && fields[name] !== token[name]);
  if (typeof fields.accessToken !== 'string' || fields.accessToken === '' || isAnothers) {
    throw new TokenkeepError(
      'E_NETWORK',
      'the refresh function returned no access token, or that of another user, issuer, client or resource; correct it',
      { inDoubt: true },
    );
  }
  return {
    ...fields,
    ...(refreshToken && { refreshToken }),
    ...(obtainedAt !== undefined && { obtainedAt: instantOrNone(obtainedAt) }),
    ...(expiresAt !== undefined && { expiresAt: instantOrNone(expiresAt) }),
  };
}

function instantOrNone(value: number | null): number | null {
  return Number.isSafeInteger(value) && (value as number) > 0 ? value : null;
}
