import * as engine from 'oauth4webapi';
import { secureUrl } from '../core/secure-url.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { oauthFailure, refusal } from './oauth-failure.ts';
import type { OAuthOptions } from './oauth-options.ts';
import type { Provider } from './provider.ts';
import { transport } from './transport.ts';
import { withoutDoubt } from './without-doubt.ts';

const lifeMs = 600_000;
const capacity = 100;

/** Server metadata (RFC 8414 §2) with the two endpoints the code flow needs. */
export type ServerMetadata = engine.AuthorizationServer & {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
};

/** Only values that have arrived, never a promise: in a Worker a request must not wait for the promise of another. */
const cache = new Map<string, { readonly server: engine.AuthorizationServer; readonly until: number }>();

const endpoints = [
  ['authorization_endpoint', 'authorizationEndpoint'],
  ['token_endpoint', 'tokenEndpoint'],
  ['revocation_endpoint', 'revocationEndpoint'],
] as const;

/**
 * Finds out where a provider's endpoints are: OpenID Connect Discovery 1.0 §4, then RFC 8414 §3. An issuer's document is
 * remembered for ten minutes, and its endpoints are overridden by the provider's own. With explicit endpoints nothing is
 * looked up.
 *
 * Concurrency: callers that ask at the same time each look it up.
 *
 * @throws `E_CONFIG` when an address is not secure, or the issuer has no document of its own; `E_NETWORK`; `E_OAUTH`
 * when the server is busy or broken.
 */
export async function discover(provider: Provider, options: OAuthOptions): Promise<ServerMetadata> {
  const issuer = secureUrl(provider.issuer, 'provider.issuer');
  const isExplicit = provider.authorizationEndpoint !== undefined && provider.tokenEndpoint !== undefined;
  const found = isExplicit ? { issuer: provider.issuer } : await lookUp(issuer, options);
  const server: { -readonly [K in keyof engine.AuthorizationServer]: engine.AuthorizationServer[K] } = { ...found };
  if (provider.issuerInCallback !== undefined) {
    server.authorization_response_iss_parameter_supported = provider.issuerInCallback;
  }
  for (const [name, setting] of endpoints) {
    const address = provider[setting] ?? server[name];
    if (address === undefined) continue;
    if (secureUrl(address, `provider.${setting}`).protocol === 'http:' && issuer.protocol === 'https:') {
      throw new TokenkeepError('E_CONFIG', `Set provider.${setting} to an https: URL, as provider.issuer is one.`);
    }
    server[name] = address;
  }
  const { authorization_endpoint, token_endpoint } = server;
  if (authorization_endpoint && token_endpoint) return { ...server, authorization_endpoint, token_endpoint };
  throw new TokenkeepError(
    'E_CONFIG',
    'Set provider.authorizationEndpoint and provider.tokenEndpoint: the discovery document does not name both.',
  );
}

async function lookUp(issuer: URL, options: OAuthOptions): Promise<engine.AuthorizationServer> {
  const { now = Date.now } = options;
  const known = cache.get(issuer.href);
  const left = known ? known.until - now() : 0;
  // More than a whole life left means that the clock was set back.
  if (known && left > 0 && left <= lifeMs) return known.server;
  const server = await request(issuer, 'oidc', options).catch((failure: TokenkeepError) => {
    if (failure.code !== 'E_CONFIG') throw failure;
    return request(issuer, 'oauth2', options);
  });
  cache.delete(issuer.href);
  cache.set(issuer.href, { server, until: now() + lifeMs });
  for (const oldest of cache.keys()) {
    if (cache.size <= capacity) break;
    cache.delete(oldest);
  }
  return server;
}

async function request(
  issuer: URL,
  algorithm: 'oidc' | 'oauth2',
  options: OAuthOptions,
): Promise<engine.AuthorizationServer> {
  const { now = Date.now } = options;
  try {
    const response = await engine.discoveryRequest(issuer, {
      algorithm,
      [engine.customFetch]: transport(options),
      [engine.allowInsecureRequests]: true,
    });
    if (response.status === 429 || response.status >= 500) throw await refusal(response, now());
    return essence(await engine.processDiscoveryResponse(issuer, response));
  } catch (error) {
    throw withoutDoubt(oauthFailure(error, 'discovery'));
  }
}

/** What is used of a document, so that the cache stays small. */
function essence(document: engine.AuthorizationServer): engine.AuthorizationServer {
  const names = [
    'issuer',
    'authorization_endpoint',
    'token_endpoint',
    'revocation_endpoint',
    'authorization_response_iss_parameter_supported',
    'id_token_signing_alg_values_supported',
  ];
  return Object.fromEntries(
    names.flatMap((name) => (document[name] === undefined ? [] : [[name, document[name]]])),
  ) as unknown as engine.AuthorizationServer;
}
