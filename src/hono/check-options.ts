import { secureUrl } from '../core/secure-url.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { EdgeOptions } from './edge-options.ts';

const longestMs = 400 * 86_400_000; // browsers keep no cookie for longer (RFC 6265bis §5.5)
const shortestIdleMs = 60_000; // KV keeps no record for less

/**
 * @throws `E_CONFIG` when an option is missing or wrong; the message names it and never holds its value.
 * @throws `E_UNSUPPORTED` when the backend could let two requests spend one refresh token.
 */
export function checkOptions({ backend, client, api, origin, sessionMs, idleMs, role }: EdgeOptions): void {
  secureUrl(client.provider.issuer, 'client.provider.issuer');
  if (!client.clientId)
    throw new TokenkeepError('E_CONFIG', 'Set client.clientId to this application’s id at the server.');
  if (api !== undefined) {
    const { search, hash } = secureUrl(api, 'api');
    if (search || hash) throw new TokenkeepError('E_CONFIG', 'Set api to a base address without query and fragment.');
  }
  if (origin !== undefined && secureUrl(origin, 'origin').origin !== origin) {
    throw new TokenkeepError('E_CONFIG', 'Set origin to scheme and host alone, without a slash at the end.');
  }
  if (sessionMs !== undefined && !isWithin(sessionMs, 1, longestMs)) {
    throw new TokenkeepError('E_CONFIG', 'Set sessionMs to whole milliseconds, more than 0 and at most 400 days.');
  }
  if (idleMs !== undefined && !isWithin(idleMs, shortestIdleMs, longestMs)) {
    throw new TokenkeepError('E_CONFIG', 'Set idleMs to whole milliseconds, from a minute to 400 days.');
  }
  const { rotation = 'strict' } = client.provider;
  if (!backend.capabilities.compareAndSet && rotation === 'strict' && role === undefined) {
    throw new TokenkeepError(
      'E_UNSUPPORTED',
      'Use D1: on this backend two requests can spend one refresh token, which ends the grant. Or set client.provider.rotation to none, if the server does not replace refresh tokens; or set role, where one place alone renews.',
    );
  }
}

function isWithin(ms: number, least: number, most: number): boolean {
  return Number.isSafeInteger(ms) && ms >= least && ms <= most;
}
