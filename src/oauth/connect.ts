import * as engine from 'oauth4webapi';
import type { OAuthToken } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { answerBody } from './answer-body.ts';
import { discover, type ServerMetadata } from './discover.ts';
import { idTokenClaims } from './id-token-claims.ts';
import { isOwnToken } from './is-own-token.ts';
import { isProofError } from './is-proof-error.ts';
import { normalizingFetch } from './normalizing-fetch.ts';
import type { TokenClient } from './oauth-client.ts';
import { refusal } from './oauth-failure.ts';
import type { OAuthOptions } from './oauth-options.ts';
import { plausibleTime, serverTime } from './server-time.ts';
import { transport } from './transport.ts';
import { withoutDoubt } from './without-doubt.ts';

/** A client in the words of the OAuth library. */
export interface Connection {
  readonly server: ServerMetadata;
  readonly client: engine.Client;
  readonly authentication: engine.ClientAuth;
  readonly request: engine.TokenEndpointRequestOptions & engine.RevocationRequestOptions;
  readonly answer: engine.ProcessTokenResponseOptions;
  /**
   * Sends a request to the token endpoint; once more when the server refused its proof of possession and, with that,
   * said what it lacks. It has not looked at the code or the token then (RFC 9449 §5 and §8).
   */
  proven(send: () => Promise<Response>): Promise<Response>;
  /**
   * The client that judges the ID token of this answer, by the clock of the server: the answer's `Date`, and where that
   * cannot be seen the ID token's own `iat`. The clock here may be hours off. An old ID token is no danger: it came over
   * TLS from the token endpoint, and of a sign-in it has to hold the nonce.
   */
  judging(response: Response): Promise<engine.Client>;
}

/**
 * Prepares a call to the token or revocation endpoint. A failure has `inDoubt: false`: nothing was sent there yet.
 *
 * @param token the token that will be sent; it must be one of this client.
 * @throws `E_CONFIG` when a setting is missing or wrong, or the token belongs to another client; what {@link discover} throws.
 */
export async function connect(client: TokenClient, options: OAuthOptions, token: OAuthToken = {}): Promise<Connection> {
  try {
    return await prepare(client, options, token);
  } catch (error) {
    throw withoutDoubt(error);
  }
}

async function prepare(client: TokenClient, options: OAuthOptions, token: OAuthToken): Promise<Connection> {
  const { provider, clientId } = client;
  if (!isOwnToken(client, token)) {
    throw new TokenkeepError(
      'E_CONFIG',
      'The token belongs to another issuer or client; use the client it was issued to.',
    );
  }
  const { now = Date.now } = options;
  const authentication = authenticate(client);
  const proofs = client.dpop?.proofs(now);
  const server = await discover(provider, options);
  const send = transport(options);
  const fetch = provider.responses === 'strict' ? send : normalizingFetch(send, provider.tokenType);
  let isWorthRetrying = false;
  return {
    server,
    client: { client_id: clientId },
    authentication,
    request: {
      ...(proofs && { DPoP: proofs.handle }),
      [engine.customFetch]: async (url, init) => {
        const response = await fetch(url, init);
        const failure = response.ok ? undefined : await refusal(response, now());
        const isAboutProof = isProofError(failure?.oauthError);
        isWorthRetrying = (proofs?.learn(url, response.headers, isAboutProof) ?? false) && isAboutProof;
        if (failure !== undefined) throw failure;
        return response;
      },
      // `discover` has checked every address; http: is left for loopback hosts alone.
      [engine.allowInsecureRequests]: true,
    },
    answer: provider.tokenType ? { recognizedTokenTypes: { [provider.tokenType.toLowerCase()]: () => {} } } : {},
    proven: (request) =>
      request().catch((error: unknown) => {
        if (!isWorthRetrying) throw error;
        return request();
      }),
    judging: async (response) => {
      const { iat } = idTokenClaims(answerBody(await response.clone().text())?.id_token);
      const time = serverTime(response.headers) ?? plausibleTime(Number(iat) * 1000) ?? now();
      // The library reads the system's clock when it judges an ID token.
      return { client_id: clientId, [engine.clockSkew]: Math.round((time - Date.now()) / 1000) };
    },
  };
}

function authenticate({ provider, clientId, clientSecret, clientAuthentication }: TokenClient): engine.ClientAuth {
  if (!clientId) throw new TokenkeepError('E_CONFIG', 'Set clientId to the identifier the server gave this client.');
  const { clientAuthentication: usual = 'client_secret_basic' } = provider;
  const method = clientAuthentication ?? (clientSecret ? usual : 'none');
  if (method === 'none') return engine.None();
  if (!clientSecret) throw new TokenkeepError('E_CONFIG', `Set clientSecret, which ${method} needs.`);
  return method === 'client_secret_post'
    ? engine.ClientSecretPost(clientSecret)
    : engine.ClientSecretBasic(clientSecret);
}
