import * as engine from 'oauth4webapi';
import type { TokenChange } from '../core/oauth-token.ts';
import type { TokenClient } from './oauth-client.ts';
import { resourceParameter } from './resource-parameter.ts';
import { toTokenChange } from './to-token-change.ts';

/**
 * What the answer to a redeemed code is to be saved as: everything but the client secret. The user name is the ID token's
 * `sub`, absent without one.
 *
 * @param now when the answer arrived, in epoch milliseconds.
 * @throws what {@link toTokenChange} throws.
 */
export function grantedToken(client: TokenClient, answer: engine.TokenEndpointResponse, now: number): TokenChange {
  const { provider, clientId, redirectUrl, scope = [], resource } = client;
  const userName = engine.getValidatedIdTokenClaims(answer)?.sub;
  return {
    issuer: provider.issuer,
    clientId,
    ...(redirectUrl && { redirectUrl }),
    ...resourceParameter(resource),
    ...(userName && { userName }),
    // an answer without a scope means that all of the requested one was granted (RFC 6749 §5.1)
    ...(scope.length > 0 && { scope: scope.join(provider.scopeSeparator ?? ' ') }),
    ...toTokenChange(answer, client, now),
  };
}
