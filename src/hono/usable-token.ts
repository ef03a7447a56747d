import type { Context } from 'hono';
import type { SavedToken } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { createTokenSource } from '../manager/token-source.ts';
import { refresh } from '../oauth/refresh.ts';
import { revoke } from '../oauth/revoke.ts';
import type { Edge } from './edge.ts';
import { isOwnToken } from './is-own-token.ts';
import { requireSession } from './session-cookie.ts';

/** An access token that an API takes now. */
export interface UsableToken {
  readonly accessToken: string;
  readonly tokenType: string;
  /** Epoch milliseconds; absent when the server did not say. */
  readonly expiresAt?: number;
}

/**
 * The access token of the request's session, renewed first when it has expired.
 *
 * @throws `E_REAUTH` when nobody is signed in here, or the token can no longer be renewed.
 * @throws `E_UNSUPPORTED` for a token that takes more than a header to present.
 */
export async function usableToken(c: Context, edge: Edge): Promise<UsableToken> {
  const { tokenId } = await requireSession(c, edge);
  const own = (token: SavedToken): SavedToken => {
    if (isOwnToken(edge, token)) return token;
    throw new TokenkeepError('E_REAUTH', 'the session is one of another server or client; sign in here first');
  };
  const source = createTokenSource({
    store: edge.store,
    id: tokenId,
    refresh: (token, signal) => refresh(edge.client, own(token), { ...edge.oauth, signal }),
    discard: (token) => revoke(edge.client, token, edge.oauth),
    now: edge.now,
  });
  const { accessToken, tokenType = 'Bearer', expiresAt } = own(await source.getToken());
  if (accessToken === undefined)
    throw new TokenkeepError('E_REAUTH', 'there is no access token any more; sign in again');
  if (/^dpop$/i.test(tokenType)) {
    throw new TokenkeepError(
      'E_UNSUPPORTED',
      'the token is bound to a key (DPoP); register the client for bearer tokens',
    );
  }
  return { accessToken, tokenType, ...(expiresAt !== undefined && { expiresAt }) };
}
