import type { Context } from 'hono';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { Edge } from './edge.ts';
import { checkOwn, edgeSource, outcomeHeader } from './edge-source.ts';
import { requireSession } from './session-cookie.ts';

/** An access token that an API takes now. */
export interface UsableToken {
  readonly accessToken: string;
  readonly tokenType: string;
  /** Epoch milliseconds; absent when the server did not say. */
  readonly expiresAt?: number;
}

/**
 * `POST /auth/token`: a short-lived access token for the page, renewed first where it has to be. The refresh token never
 * leaves.
 *
 * @throws `E_REAUTH` when nobody is signed in here, or the token can no longer be renewed.
 * @throws `E_UNSUPPORTED` for a token that is bound to a key (DPoP): the key stays here.
 */
export async function usableToken(c: Context, edge: Edge): Promise<Response> {
  const { tokenId } = await requireSession(c, edge);
  const token = await edgeSource(edge, tokenId).getToken();
  checkOwn(edge, token);
  const { accessToken, tokenType, expiresAt, outcome } = token;
  if (/^dpop$/i.test(tokenType)) {
    throw new TokenkeepError(
      'E_UNSUPPORTED',
      'the token is bound to a key (DPoP) of the worker; call the API through it',
    );
  }
  c.header(outcomeHeader, outcome);
  return c.json<UsableToken>({ accessToken, tokenType, ...(expiresAt !== undefined && { expiresAt }) });
}
