import type { Renewal } from '../core/renewal.ts';
import { secureUrl } from '../core/secure-url.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { ensureAnswering } from './ensure-answering.ts';
import type { TokenClient } from './oauth-client.ts';
import type { OAuthOptions } from './oauth-options.ts';
import { refresh } from './refresh.ts';
import { revoke } from './revoke.ts';

/**
 * Makes what a token source has to know of an authorization server, from the client and its provider: how it renews and
 * revokes, how often it may, what it does with a refresh token that was used, and where access tokens may go. With `dpop` it presents them
 * with a proof of possession.
 *
 * Concurrency: keeps no state of its own and may be shared.
 *
 * @param options `timeoutMs` bounds each request of a renewal besides the signal it is given; default: the signal alone.
 * @throws `E_CONFIG` when one of `provider.apiOrigins` is not the origin of an `https:` (or loopback) address.
 */
export function oauthRenewal(client: TokenClient, options: Omit<OAuthOptions, 'signal'> = {}): Renewal {
  const { provider, dpop } = client;
  const { rotation = 'strict', whenInDoubt = 'retry-once', apiOrigins = [], renewalIntervalMs } = provider;
  const { now = Date.now, timeoutMs = Number.POSITIVE_INFINITY } = options;
  for (const origin of apiOrigins) {
    if (secureUrl(origin, 'provider.apiOrigins').origin === origin) continue;
    throw new TokenkeepError(
      'E_CONFIG',
      'Write each of provider.apiOrigins as scheme, host and port only, without a path.',
    );
  }
  return {
    refresh: async (token, { signal, inDoubt }) => {
      const bounded = { ...options, signal, timeoutMs };
      if (inDoubt) await ensureAnswering(client, bounded);
      return refresh(client, token, bounded);
    },
    revoke: (token) => revoke(client, token, options),
    rotation,
    whenInDoubt,
    allowedOrigins: [...apiOrigins],
    ...(renewalIntervalMs !== undefined && { intervalMs: renewalIntervalMs }),
    ...(dpop && { send: dpop.send(now) }),
  };
}
