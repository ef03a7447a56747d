import type { Renewal } from '../core/renewal.ts';
import { secureUrl } from '../core/secure-url.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { sendWithHeader } from './send-with-header.ts';
import type { TokenSource, TokenSourceOptions } from './token-source.ts';

/**
 * Makes a `fetch` that adds an access token, for the allowed origins and no others.
 *
 * @throws `E_CONFIG` when an allowed origin is not the origin of an `https:` (or loopback) address.
 */
export function authorizedFetch(
  options: Pick<TokenSourceOptions, 'allowedOrigins' | 'send' | 'fetch'>,
  getToken: TokenSource['getToken'],
): TokenSource['fetch'] {
  const { allowedOrigins = [] } = options;
  const send: NonNullable<Renewal['send']> = options.send ?? sendWithHeader;
  for (const origin of allowedOrigins) {
    if (secureUrl(origin, 'allowedOrigins').origin === origin) continue;
    throw new TokenkeepError('E_CONFIG', 'write each of allowedOrigins as scheme, host and port only, without a path');
  }

  const redirect = noRedirects();
  const toAllowed = (request: Request): Request => {
    if (!allowedOrigins.includes(new URL(request.url).origin)) {
      throw new TokenkeepError(
        'E_CONFIG',
        'the token is not sent to this origin; add it to allowedOrigins if it may have it',
      );
    }
    return request.redirect === 'manual' ? request : new Request(request, { redirect });
  };

  return async (input, init) => {
    const { fetch = globalThis.fetch } = options;
    const again = repeatable(input, init);
    const first = toAllowed(new Request(input, init));
    const { signal } = first;
    const token = await getToken({ signal });
    const response = await send(first, token, fetch);
    if (response.status !== 401) return response;
    const repeated = again?.();
    const renewed = await getToken({ forceRefresh: token, signal }).catch(async (error: unknown) => {
      await drop(response);
      throw error;
    });
    // an API that refuses a token as young as this refuses every one; and another user's token is not for this request
    if (renewed.accessToken === token.accessToken || renewed.id !== token.id || repeated === undefined) return response;
    await drop(response);
    return send(toAllowed(repeated), renewed, fetch);
  };
}

/** Frees the connection of a response that nobody gets. */
async function drop(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

/** Makes the request a second time, where its body can be read twice. */
function repeatable(input: RequestInfo | URL, init: RequestInit | undefined): (() => Request) | undefined {
  if (init?.body instanceof ReadableStream) return undefined;
  if (!(input instanceof Request) || init?.body !== undefined) return () => new Request(input, init);
  const copy = input.clone();
  return () => new Request(copy, init);
}

/** A browser does not say where a redirect leads before it has gone there. Where `error` is unknown, `manual` shows it. */
function noRedirects(): 'error' | 'manual' {
  try {
    new Request('https://redirect.invalid', { redirect: 'error' });
    return 'error';
  } catch {
    return 'manual';
  }
}
