import * as engine from 'oauth4webapi';
import type { OAuthToken, TokenChange } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { connect } from './connect.ts';
import { idTokenClaims } from './id-token-claims.ts';
import type { TokenClient } from './oauth-client.ts';
import { oauthFailure } from './oauth-failure.ts';
import type { OAuthOptions } from './oauth-options.ts';
import { toTokenChange } from './to-token-change.ts';

/**
 * Renews an access token (RFC 6749 §6). Resolves with what the server sent and nothing else: without a new refresh
 * token the field is missing, and the old one stays in force. The token's own `resource` is asked for again (RFC 8707 §2.2).
 * A new ID token must name the user of the old one (OpenID Connect Core §12.2), and is judged by the server's clock.
 *
 * Concurrency: a server that rotates refresh tokens may end the whole grant when two callers send the same one. Let a
 * token source call this.
 *
 * @throws `E_REAUTH` when there is no refresh token; `E_OAUTH` when the server refuses, where only the `oauthError`
 * `invalid_grant` says that the refresh token is dead; `E_NETWORK`; `E_CONFIG`, also for a token of another issuer or
 * client, which is then sent nowhere. With `inDoubt` the server may have rotated the refresh token all the same.
 */
export async function refresh(
  client: TokenClient,
  token: OAuthToken,
  options: OAuthOptions = {},
): Promise<TokenChange> {
  const { refreshToken, resource } = token;
  if (!refreshToken) throw new TokenkeepError('E_REAUTH', 'There is no refresh token; the user has to sign in again.');
  const connection = await connect(client, options, token);
  const { server, authentication, request, answer } = connection;
  const { now = Date.now } = options;
  try {
    const response = await connection.proven(() =>
      engine.refreshTokenGrantRequest(server, connection.client, authentication, refreshToken, {
        ...request,
        additionalParameters: { ...(resource && { resource }) },
      }),
    );
    const judge = await connection.judging(response);
    const result = await engine.processRefreshTokenResponse(server, judge, response, answer);
    const subject = engine.getValidatedIdTokenClaims(result)?.sub;
    const known = idTokenClaims(token.idToken).sub;
    if (subject !== undefined && known !== undefined && subject !== known) {
      throw new TokenkeepError('E_OAUTH', 'The new ID token names another user; the user has to sign in again.', {
        oauthError: 'server_error',
        inDoubt: true,
      });
    }
    return toTokenChange(result, client, now());
  } catch (error) {
    throw oauthFailure(error, 'refresh');
  }
}
