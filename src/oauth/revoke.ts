import * as engine from 'oauth4webapi';
import type { OAuthToken } from '../core/oauth-token.ts';
import { connect } from './connect.ts';
import type { TokenClient } from './oauth-client.ts';
import { oauthFailure } from './oauth-failure.ts';
import type { OAuthOptions } from './oauth-options.ts';

/**
 * Revokes a grant at the server (RFC 7009): by its refresh token, which ends its access tokens as well where the server
 * supports it, else by its access token. Resolves without a call when the token has neither or the provider has no
 * revocation endpoint, and also when the server no longer knows the token (RFC 7009 §2.2).
 *
 * @throws `E_OAUTH` when the server refuses; `E_NETWORK`; `E_CONFIG`, also for a token of another issuer or client.
 */
export async function revoke(client: TokenClient, token: OAuthToken, options: OAuthOptions = {}): Promise<void> {
  const value = token.refreshToken || token.accessToken;
  if (!value) return;
  const connection = await connect(client, options, token);
  const { server, authentication, request } = connection;
  if (server.revocation_endpoint === undefined) return;
  const hint = token.refreshToken ? 'refresh_token' : 'access_token';
  try {
    await engine.revocationRequest(server, connection.client, authentication, value, {
      ...request,
      additionalParameters: { token_type_hint: hint },
    });
  } catch (error) {
    throw oauthFailure(error, 'revocation');
  }
}
