import * as engine from 'oauth4webapi';
import type { TokenChange } from '../core/oauth-token.ts';
import { connect } from './connect.ts';
import { grantedToken } from './granted-token.ts';
import type { OAuthClient } from './oauth-client.ts';
import { oauthFailure, type Step } from './oauth-failure.ts';
import type { OAuthOptions } from './oauth-options.ts';
import { resourceParameter } from './resource-parameter.ts';
import type { Transaction } from './transaction.ts';

/**
 * Completes a sign-in: checks the callback (`state`, `iss` per RFC 9207, `error`), redeems the code with the PKCE
 * verifier (RFC 6749 §4.1.3) and checks the ID token's issuer, audience, nonce, and expiry by the server's clock. The ID
 * token's signature is not checked: it came from the token endpoint itself, over TLS (OpenID Connect Core §3.1.3.7, point 6).
 *
 * The result holds everything but the client secret; the user name is the ID token's `sub`, absent without `openid`.
 * `obtainedAt` and `expiresAt` are of the clock here.
 *
 * Concurrency: a code works once. Take the transaction out of its place before calling, so that nobody else has it.
 *
 * @param callbackUrl the address the browser came back to; only its query is read.
 * @throws `E_CALLBACK` when the callback belongs to no sign-in under way, with `oauthError` when the server refused it;
 * `E_OAUTH` when the server refuses the code; `E_NETWORK`; `E_CONFIG`.
 */
export async function exchange(
  client: OAuthClient,
  transaction: Transaction,
  callbackUrl: URL,
  options: OAuthOptions = {},
): Promise<TokenChange> {
  const { issuer, redirectUrl, state, nonce, codeVerifier } = transaction;
  const parameters = callbackUrl.searchParams;
  // Before discovery: a forged callback makes this client call nobody.
  const isOurs = parameters.get('state') === state && client.provider.issuer === issuer;
  if (!isOurs) throw oauthFailure(undefined, 'callback');
  const resource = resourceParameter(client.resource);
  const connection = await connect(client, options);
  const { server, authentication, request, answer } = connection;
  const { now = Date.now } = options;
  let step: Step = 'callback';
  try {
    const checked = engine.validateAuthResponse(server, connection.client, parameters, state);
    if (checked.getAll('code').length !== 1 || !checked.get('code')) throw oauthFailure(undefined, step);
    step = 'exchange';
    const response = await connection.proven(() =>
      engine.authorizationCodeGrantRequest(
        server,
        connection.client,
        authentication,
        checked,
        redirectUrl,
        codeVerifier,
        { ...request, additionalParameters: { ...resource } },
      ),
    );
    const expectation = nonce === undefined ? {} : { expectedNonce: nonce };
    const judge = await connection.judging(response);
    const result = await engine.processAuthorizationCodeResponse(server, judge, response, {
      ...answer,
      ...expectation,
    });
    return grantedToken({ ...client, redirectUrl }, result, now());
  } catch (error) {
    throw oauthFailure(error, step);
  }
}
