import { secureUrl } from '../core/secure-url.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { EdgeOptions } from './edge-options.ts';

const longestSessionMs = 400 * 86_400_000; // browsers keep no cookie for longer (RFC 6265bis §5.5)

/**
 * @throws `E_CONFIG` when an option is missing or wrong; the message names it and never holds its value.
 */
export function checkOptions({ client, api, origin, sessionMs }: EdgeOptions): void {
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
  if (sessionMs !== undefined && !(sessionMs > 0 && sessionMs <= longestSessionMs)) {
    throw new TokenkeepError('E_CONFIG', 'Set sessionMs to milliseconds, more than 0 and at most 400 days.');
  }
}
