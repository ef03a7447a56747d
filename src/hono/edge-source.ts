import type { AccessToken } from '../core/access-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { createTokenSource } from '../manager/create-token-source.ts';
import { sendWithHeader } from '../manager/send-with-header.ts';
import type { TokenSource } from '../manager/token-source.ts';
import { isOwnToken } from '../oauth/is-own-token.ts';
import { oauthRenewal } from '../oauth/oauth-renewal.ts';
import type { EdgeServices } from './edge-services.ts';

/** Says in an answer what came of asking for the access token: an {@link AccessOutcome}. */
export const outcomeHeader = 'Tokenkeep-Outcome';

/**
 * A source of one stored token, for one request or one run of scheduled work. Its `fetch` goes to the API's origin alone.
 *
 * @param onSend told of each access token that is sent.
 */
export function edgeSource(
  services: EdgeServices,
  id: string,
  onSend: (token: AccessToken) => void = () => undefined,
): TokenSource {
  const { store, client, oauth, keepRunning, now, options } = services;
  const { api, cache, role, fetch, onEvent, onEventAwaited } = options;
  const renewal = oauthRenewal(client, oauth);
  const { send = sendWithHeader } = renewal;
  return createTokenSource({
    ...renewal,
    store,
    query: { id },
    allowedOrigins: api === undefined ? [] : [new URL(api).origin],
    send: async (request, token, fetch) => {
      checkOwn(services, token);
      onSend(token);
      return send(request, token, fetch);
    },
    waitUntil: keepRunning,
    now,
    ...(cache && { cache }),
    ...(role && { role }),
    ...(fetch && { fetch }),
    ...(onEvent && { onEvent }),
    ...(onEventAwaited && { onEventAwaited }),
  });
}

/**
 * Refuses the token of another server or client, which a record saved by its id may have come to hold.
 *
 * @throws `E_REAUTH`
 */
export function checkOwn(services: EdgeServices, token: AccessToken): void {
  if (isOwnToken(services.client, token)) return;
  throw new TokenkeepError('E_REAUTH', 'the session is one of another server or client; sign in here first');
}
