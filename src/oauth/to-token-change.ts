import type { TokenEndpointResponse } from 'oauth4webapi';
import type { Json, TokenChange } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { expiresAt } from './lifetime.ts';
import type { TokenClient } from './oauth-client.ts';
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
 * @throws `E_OAUTH` for a token that is bound to a key the client does not have, for one that is not bound to its key, and for one
 * of an API that the provider does not list.
 */
export function toTokenChange(
  response: TokenEndpointResponse,
  { provider, dpop }: Pick<TokenClient, 'provider' | 'dpop'>,
  now: number,
): TokenChange {
  const { access_token, token_type, expires_in, refresh_token, scope, id_token, ...rest } = response;
  const { api_domain: apiDomain, ...others } = rest;
  const extras = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined && value !== ''));
  const tokenType = provider.tokenType ?? presentation.get(token_type) ?? token_type;
  checkBinding(/^dpop$/i.test(tokenType), dpop !== undefined);
  checkApiDomain(apiDomain, provider);
  return {
    accessToken: access_token,
    tokenType,
    obtainedAt: Math.floor(now),
    expiresAt: expiresAt(expires_in, now) ?? null,
    ...(refresh_token && { refreshToken: refresh_token }),
    ...(scope && { scope }),
    ...(id_token && { idToken: id_token }),
    ...(typeof apiDomain === 'string' && apiDomain && { apiDomain }),
    ...(Object.keys(extras).length > 0 && { extras: extras as { [key: string]: Json } }),
  };
}

/** The address decides where the access token goes, and would be stored. A refresh token may have been replaced all the same. */
function checkApiDomain(apiDomain: unknown, { apiDomains }: Provider): void {
  if (apiDomains === undefined || !apiDomain || apiDomains.some((known) => known === apiDomain)) return;
  throw new TokenkeepError(
    'E_OAUTH',
    'The authorization server names an API (api_domain) that provider.apiDomains does not list; add it if the API is one of this provider, and check the environment of the client.',
    { oauthError: 'server_error', inDoubt: true },
  );
}

/** RFC 9449 §5: a client that counts on the binding discards a token without it. */
function checkBinding(isBound: boolean, hasKey: boolean): void {
  if (isBound === hasKey) return;
  const reason = isBound
    ? 'The authorization server gave a token that is bound to a key (DPoP); set dpop of the client to its key pair, or register the client for bearer tokens.'
    : 'The authorization server gave a token that is not bound to the key of the client; turn DPoP on for the client at the server, or remove dpop.';
  throw new TokenkeepError('E_OAUTH', reason, { oauthError: 'server_error', inDoubt: true });
}
