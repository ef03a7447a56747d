import * as engine from 'oauth4webapi';
import type { OAuthToken } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { discover, type ServerMetadata } from './discover.ts';
import { normalizingFetch } from './normalizing-fetch.ts';
import type { OAuthClient } from './oauth-client.ts';
import { refusal } from './oauth-failure.ts';
import type { OAuthOptions } from './oauth-options.ts';
import { transport } from './transport.ts';

/** A client in the words of the OAuth library. */
export interface Connection {
  readonly server: ServerMetadata;
  readonly client: engine.Client;
  readonly authentication: engine.ClientAuth;
  readonly request: engine.TokenEndpointRequestOptions & engine.RevocationRequestOptions;
  readonly answer: engine.ProcessTokenResponseOptions;
}

/**
 * Prepares a call to the token or revocation endpoint.
 *
 * @param token the token that will be sent; it must be one of this client.
 * @throws `E_CONFIG` when a setting is missing or wrong, or the token belongs to another client; what {@link discover} throws.
 */
export async function connect(client: OAuthClient, options: OAuthOptions, token: OAuthToken = {}): Promise<Connection> {
  const { provider } = client;
  if (
    (token.issuer ?? provider.issuer) !== provider.issuer ||
    (token.clientId ?? client.clientId) !== client.clientId
  ) {
    throw new TokenkeepError(
      'E_CONFIG',
      'The token belongs to another issuer or client; use the client it was issued to.',
    );
  }
  const authentication = authenticate(client);
  const server = await discover(provider, options);
  const { now = Date.now } = options;
  const send = transport(options);
  const fetch = provider.responses === 'strict' ? send : normalizingFetch(send, provider.tokenType);
  return {
    server,
    // The library reads the system's clock when it judges an ID token.
    client: { client_id: client.clientId, [engine.clockSkew]: Math.round((now() - Date.now()) / 1000) },
    authentication,
    request: {
      [engine.customFetch]: async (url, init) => {
        const response = await fetch(url, init);
        if (!response.ok) throw await refusal(response, now());
        return response;
      },
      // `discover` has checked every address; http: is left for loopback hosts alone.
      [engine.allowInsecureRequests]: true,
    },
    answer: provider.tokenType ? { recognizedTokenTypes: { [provider.tokenType.toLowerCase()]: () => {} } } : {},
  };
}

function authenticate({ clientId, clientSecret, clientAuthentication }: OAuthClient): engine.ClientAuth {
  if (!clientId) throw new TokenkeepError('E_CONFIG', 'Set clientId to the identifier the server gave this client.');
  const method = clientAuthentication ?? (clientSecret ? 'client_secret_basic' : 'none');
  if (method === 'none') return engine.None();
  if (!clientSecret) throw new TokenkeepError('E_CONFIG', `Set clientSecret, which ${method} needs.`);
  return method === 'client_secret_post'
    ? engine.ClientSecretPost(clientSecret)
    : engine.ClientSecretBasic(clientSecret);
}
