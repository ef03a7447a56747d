import type { TokenEndpointResponse } from 'oauth4webapi';
import type { Json, TokenChange } from '../core/oauth-token.ts';
import { expiresAt } from './lifetime.ts';
import type { Provider } from './provider.ts';

const presentation = new Map([
  ['bearer', 'Bearer'],
  ['dpop', 'DPoP'],
]);

/**
 * Turns a token answer into what is to be saved. A field the server did not send is missing, so that a save keeps what
 * is stored (RFC 6749 §6: no new refresh token means the old one stays in force), and an empty text counts as missing.
 * Only the expiry belongs to the access token before: without a usable `expires_in` it is `null`, which clears it.
 *
 * @param now when the answer arrived, in epoch milliseconds.
 */
export function toTokenChange(response: TokenEndpointResponse, provider: Provider, now: number): TokenChange {
  const { access_token, token_type, expires_in, refresh_token, scope, id_token, ...rest } = response;
  const { api_domain: apiDomain, ...others } = rest;
  const extras = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined && value !== ''));
  return {
    accessToken: access_token,
    tokenType: provider.tokenType ?? presentation.get(token_type) ?? token_type,
    expiresAt: expiresAt(expires_in, now) ?? null,
    ...(refresh_token && { refreshToken: refresh_token }),
    ...(scope && { scope }),
    ...(id_token && { idToken: id_token }),
    ...(typeof apiDomain === 'string' && apiDomain && { apiDomain }),
    ...(Object.keys(extras).length > 0 && { extras: extras as { [key: string]: Json } }),
  };
}
