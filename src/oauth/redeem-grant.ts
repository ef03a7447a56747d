import * as engine from 'oauth4webapi';
import type { TokenChange } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { connect } from './connect.ts';
import { grantedToken } from './granted-token.ts';
import type { TokenClient } from './oauth-client.ts';
import { oauthFailure } from './oauth-failure.ts';
import type { OAuthOptions } from './oauth-options.ts';
import { resourceParameter } from './resource-parameter.ts';

/**
 * Redeems a grant token (an authorization code, RFC 6749 §4.1.3) that no sign-in of this client brought: one made in a
 * server's console, as for a self client of Zoho, or handed over by its owner. There is no `state`, `nonce` or PKCE verifier
 * to check it by: never give it what came in over a callback, which is for {@link exchange}.
 *
 * The client's redirect URL is sent when it has one. The result is that of {@link exchange}.
 *
 * Concurrency: a grant token works once.
 *
 * @throws `E_INPUT` without a grant token; `E_OAUTH` when the server refuses it; `E_NETWORK`, where `inDoubt` says whether it may
 * be spent; `E_CONFIG`.
 */
export async function redeemGrant(
  client: TokenClient,
  grantToken: string,
  options: OAuthOptions = {},
): Promise<TokenChange> {
  if (!grantToken) throw new TokenkeepError('E_INPUT', 'There is no grant token to redeem; make one at the server.');
  const { redirectUrl } = client;
  const { now = Date.now } = options;
  const parameters = {
    code: grantToken,
    ...(redirectUrl && { redirect_uri: redirectUrl }),
    ...resourceParameter(client.resource),
  };
  const connection = await connect(client, options);
  const { server, authentication, request, answer } = connection;
  try {
    const response = await connection.proven(() =>
      engine.genericTokenEndpointRequest(
        server,
        connection.client,
        authentication,
        'authorization_code',
        parameters,
        request,
      ),
    );
    const judge = await connection.judging(response);
    const result = await engine.processGenericTokenEndpointResponse(server, judge, response, answer);
    return grantedToken(client, result, now());
  } catch (error) {
    const failure = oauthFailure(error, 'exchange');
    if (failure.oauthError !== 'invalid_grant') throw failure;
    throw new TokenkeepError(
      failure.code,
      'The server does not take the grant token: it is spent, too old, or not of this client; make a new one.',
      { oauthError: failure.oauthError, inDoubt: false },
    );
  }
}
