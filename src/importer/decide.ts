import type { OAuthToken, SavedToken, TokenChange } from '../core/oauth-token.ts';
import type { StoredMatch } from './find-stored.ts';

/** What is to be done with a token. */
export type Decision =
  | { readonly outcome: 'imported' | 'updated'; readonly change: TokenChange; readonly notes: readonly string[] }
  | { readonly outcome: 'unchanged'; readonly notes: readonly string[] }
  | { readonly outcome: 'kept'; readonly reason: string; readonly notes: readonly string[] };

/** Fields that say how a token is used and where; none of them grows old. */
const settings = ['userName', 'issuer', 'clientId', 'clientSecret', 'redirectUrl', 'apiDomain', 'tokenType'] as const;

/** Every field that a store of Zoho's has. */
const fields = [...settings, 'grantToken', 'refreshToken', 'accessToken', 'expiresAt'] as const;

/**
 * Decides between the token of the source and that of the target, which is overwritten only where it is certainly older: an
 * application may have renewed it since. Settings that it lacks are added.
 *
 * Every change is conditional: on the revision that was read, or on there being no such record.
 */
export function decide({ id, ...token }: OAuthToken, { stored, idTaken }: StoredMatch): Decision {
  if (stored === undefined) {
    const notes = idTaken ? ["under a new id, since its own is another token's in the target"] : [];
    const ownId = id === undefined || idTaken ? crypto.randomUUID() : id;
    return { outcome: 'imported', change: { ...token, id: ownId, revision: 0 }, notes };
  }
  const notes = id === undefined || id === stored.id ? [] : ['under the id that the token has in the target'];
  const differing = fields.filter((field) => token[field] !== undefined && token[field] !== stored[field]);
  if (differing.length === 0) return { outcome: 'unchanged', notes };
  const onto = { id: stored.id, revision: stored.revision };
  if (isNewer(token, stored)) return { outcome: 'updated', change: { ...token, ...onto }, notes };
  const missing = settings.filter((field) => differing.includes(field) && stored[field] === undefined);
  if (missing.length === differing.length) {
    const added = Object.fromEntries(missing.map((field) => [field, token[field]]));
    return { outcome: 'updated', change: { ...added, ...onto }, notes };
  }
  return { outcome: 'kept', reason: keptText(token, stored), notes };
}

function isNewer({ expiresAt, refreshToken }: OAuthToken, stored: SavedToken): boolean {
  if (expiresAt === undefined) return false;
  if (stored.expiresAt !== undefined) return expiresAt > stored.expiresAt;
  // one without an access token waits to be renewed; by whom, its refresh token tells
  return stored.accessToken === undefined && stored.refreshToken === refreshToken;
}

function keptText({ expiresAt }: OAuthToken, stored: SavedToken): string {
  return expiresAt !== undefined && stored.expiresAt !== undefined && stored.expiresAt > expiresAt
    ? 'the target has a newer token'
    : 'the target has another token, and nothing says which is newer';
}
