import { isAnothers } from '../core/is-anothers.ts';
import type { OAuthToken, TokenChange } from '../core/oauth-token.ts';
import { tokenFields } from './token-fields.ts';

/**
 * The token after a save: fields of the change replace stored ones, missing fields are kept, `null` clears. Some fields
 * belong to another one and go with it:
 *
 * - A new access token does not inherit the times of the old one.
 * - Any new token ends the state in which the user had to sign in again.
 * - A new refresh token without an access token drops the old access token: it came from another grant.
 * - A refresh token drops the grant token it was exchanged for; only a grant that comes with the refresh token already
 *   stored is a new sign-in, and stays. With `keepGrant` so does one that comes with its refresh token.
 *
 * A token of another user, issuer, client or resource, saved over a record by its id, keeps nothing of the one before: with the
 * old refresh token the new user's record would be renewed to the old user's access token.
 */
export function mergeToken(stored: OAuthToken, change: TokenChange, keepGrant = false): OAuthToken {
  const current: OAuthToken = bringsAnothers(stored, change) ? {} : stored;
  const newAccess = change.accessToken !== undefined && change.accessToken !== current.accessToken;
  const newRefresh = typeof change.refreshToken === 'string' && change.refreshToken !== current.refreshToken;
  const dropped = new Set<string>();
  if (newAccess) dropped.add('obtainedAt').add('expiresAt');
  if (newRefresh && change.accessToken === undefined) dropped.add('accessToken').add('obtainedAt').add('expiresAt');
  if (newAccess || newRefresh || change.grantToken) dropped.add('reauthRequired');
  const merged: Record<string, unknown> = {};
  for (const field of tokenFields) {
    const value = change[field] ?? (change[field] === null || dropped.has(field) ? undefined : current[field]);
    if (value !== undefined) merged[field] = value;
  }
  const bringsGrant = change.grantToken !== undefined && (keepGrant || !newRefresh);
  const exchanged = typeof change.refreshToken === 'string' && !bringsGrant;
  if (exchanged) delete merged['grantToken'];
  return merged;
}

/** Whether the change brings a token of somebody else, or for something else, and not only another name. */
function bringsAnothers(stored: OAuthToken, change: TokenChange): boolean {
  return Boolean(change.accessToken || change.refreshToken || change.grantToken) && isAnothers(change, stored);
}
