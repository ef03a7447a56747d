import { isAnothers } from '../core/is-anothers.ts';
import { isInstant } from '../core/is-instant.ts';
import type { SavedToken, TokenChange } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** What is taken of an answer as it is. Anything else it may hold is no reason to lose a new refresh token. */
const taken = [
  'userName',
  'issuer',
  'clientId',
  'clientSecret',
  'redirectUrl',
  'accessToken',
  'apiDomain',
  'scope',
  'resource',
  'tokenType',
  'idToken',
  'keepFresh',
  'extras',
] as const satisfies readonly (keyof TokenChange)[];

/** What the caller is told whose refresh function has answered with nothing that can be stored. */
export const unusableAnswer =
  'the refresh function returned no accessToken, or that of another user, issuer, client or resource; correct it';

/**
 * What a refresh function answered, as it may be stored over the token that was renewed. An answer without a refresh token
 * leaves the one there is in force (RFC 6749 §6), however it says that there is none; a time that is none is one that nobody
 * knows.
 *
 * @throws `E_NETWORK` for an answer that has no access token, or is one for somebody or something else.
 */
export function checkedAnswer(answer: TokenChange, token: SavedToken): TokenChange {
  const { refreshToken, obtainedAt, expiresAt, ...fields } = { ...answer };
  if (typeof fields.accessToken !== 'string' || fields.accessToken === '' || isAnothers(fields, token)) {
    throw new TokenkeepError('E_NETWORK', unusableAnswer);
  }
  const known = taken.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]]));
  return {
    ...(Object.fromEntries(known) as TokenChange),
    ...(refreshToken && { refreshToken }),
    ...(obtainedAt !== undefined && { obtainedAt: instantOrNone(obtainedAt) }),
    ...(expiresAt !== undefined && { expiresAt: instantOrNone(expiresAt) }),
  };
}

function instantOrNone(value: number | null): number | null {
  return isInstant(value) ? value : null;
}
