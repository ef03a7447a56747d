import type { AccessOutcome, AccessToken } from '../core/access-token.ts';
import type { SavedToken } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

const fields = [
  'userName',
  'issuer',
  'clientId',
  'obtainedAt',
  'expiresAt',
  'apiDomain',
  'scope',
  'resource',
  'reauthRequired',
] as const;

/**
 * What a caller may have of a stored token: nothing that could renew it.
 *
 * @throws `E_REAUTH` when it has no access token.
 */
export function accessTokenOf(token: SavedToken, outcome: AccessOutcome): AccessToken {
  const { id, revision, accessToken, tokenType = 'Bearer' } = token;
  if (accessToken === undefined)
    throw new TokenkeepError('E_REAUTH', 'there is no access token any more; sign in again');
  const known = fields.flatMap((field) => (token[field] === undefined ? [] : [[field, token[field]]]));
  return { ...Object.fromEntries(known), id, revision, accessToken, tokenType, outcome };
}
