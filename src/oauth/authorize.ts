import * as engine from 'oauth4webapi';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { discover } from './discover.ts';
import type { OAuthClient } from './oauth-client.ts';
import type { OAuthOptions } from './oauth-options.ts';
import { resourceParameter } from './resource-parameter.ts';
import type { Transaction } from './transaction.ts';

/** A sign-in that begins. */
export interface AuthorizationRequest {
  /** Where to send the browser. It is good for one sign-in. */
  readonly url: URL;
  /** What {@link exchange} needs when the browser comes back. */
  readonly transaction: Transaction;
}

/**
 * Begins a sign-in with the authorization code flow (RFC 6749 §4.1): PKCE with S256 always (RFC 7636), `state`, and a
 * `nonce` when the scope has `openid`. With `dpop` the code is bound to the key as well (RFC 9449 §10). Sends nothing to the
 * server beyond discovery.
 *
 * @throws `E_CONFIG` when a setting is missing or wrong; `E_NETWORK` and `E_OAUTH` when discovery fails.
 */
export async function authorize(client: OAuthClient, options: OAuthOptions = {}): Promise<AuthorizationRequest> {
  const { provider, clientId, redirectUrl, scope } = client;
  if (!clientId) throw new TokenkeepError('E_CONFIG', 'Set clientId to the identifier the server gave this client.');
  if (!URL.canParse(redirectUrl)) throw new TokenkeepError('E_CONFIG', 'Set redirectUrl to an absolute URL.');
  const resource = resourceParameter(client.resource);
  const proofs = client.dpop?.proofs(options.now ?? Date.now);
  const server = await discover(provider, options);
  const transaction: Transaction = {
    state: engine.generateRandomState(),
    ...(scope.includes('openid') && { nonce: engine.generateRandomNonce() }),
    codeVerifier: engine.generateRandomCodeVerifier(),
    issuer: provider.issuer,
    redirectUrl,
  };
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUrl,
    ...(scope.length > 0 && { scope: scope.join(provider.scopeSeparator ?? ' ') }),
    state: transaction.state,
    ...(transaction.nonce !== undefined && { nonce: transaction.nonce }),
    code_challenge: await engine.calculatePKCECodeChallenge(transaction.codeVerifier),
    code_challenge_method: 'S256',
    ...resource,
    ...(proofs && { dpop_jkt: await proofs.handle.calculateThumbprint() }),
  };
  const url = new URL(server.authorization_endpoint);
  for (const [name, value] of Object.entries(provider.authorizationParameters ?? {})) {
    if (name === 'resource') {
      throw new TokenkeepError(
        'E_CONFIG',
        'Remove resource from provider.authorizationParameters: set resource of the client, which is asked for with every request.',
      );
    }
    if (Object.hasOwn(parameters, name)) {
      throw new TokenkeepError(
        'E_CONFIG',
        `Remove ${name} from provider.authorizationParameters: it is set for every sign-in.`,
      );
    }
    url.searchParams.set(name, value);
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url, transaction };
}
