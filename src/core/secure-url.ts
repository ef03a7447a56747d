import { TokenkeepError } from './tokenkeep-error.ts';

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Parses an address that secrets are sent to: `https:`, or `http:` on a loopback host.
 *
 * @param name names the setting in the message.
 * @throws `E_CONFIG` for any other address, and for one with a user name or password in it.
 */
export function secureUrl(value: string, name: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.has(url.hostname));
  if (url && secure && url.username === '' && url.password === '') return url;
  throw new TokenkeepError(
    'E_CONFIG',
    `Set ${name} to an https: URL without user name and password; http: is for localhost, 127.0.0.1 and [::1] only.`,
  );
}
