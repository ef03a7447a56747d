import type { AccessToken } from '../core/access-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * Sends a request with the access token in `Authorization`, after its token type (RFC 6750 §2.1): what {@link Renewal.send}
 * is where a provider wants nothing else.
 *
 * @throws `E_UNSUPPORTED` for a token that is bound to a key; `E_REAUTH` for one that no header can carry.
 */
export async function sendWithHeader(
  request: Request,
  { tokenType, accessToken }: AccessToken,
  fetch: typeof globalThis.fetch,
): Promise<Response> {
  if (/^dpop$/i.test(tokenType)) {
    throw new TokenkeepError('E_UNSUPPORTED', 'the token is bound to a key; give the client its dpop key pair');
  }
  try {
    request.headers.set('authorization', `${tokenType} ${accessToken}`);
  } catch {
    // the engine's own message would quote the token
    throw new TokenkeepError('E_REAUTH', 'the stored access token is not one that a header can carry; sign in again');
  }
  return fetch(request);
}
