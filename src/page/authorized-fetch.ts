import type { SavedToken } from '../core/oauth-token.ts';
import { secureUrl } from '../core/secure-url.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * Makes a `fetch` that adds an access token, for these origins and no others.
 *
 * @param getToken yields a usable token, and not the one that an API has just refused.
 * @throws `E_CONFIG` when an allowed origin is not the origin of an `https:` (or loopback) address.
 */
export function authorizedFetch(
  allowedOrigins: readonly string[],
  fetch: typeof globalThis.fetch,
  getToken: (refused?: SavedToken) => Promise<SavedToken>,
): (input: RequestInfo | URL, init?: RequestInit) => Promise<Response> {
  for (const origin of allowedOrigins) {
    if (secureUrl(origin, 'allowedOrigins').origin === origin) continue;
    throw new TokenkeepError('E_CONFIG', 'write each of allowedOrigins as scheme, host and port only, without a path');
  }

  return async (input, init) => {
    const first = new Request(input, init);
    if (!allowedOrigins.includes(new URL(first.url).origin)) {
      throw new TokenkeepError(
        'E_CONFIG',
        'the token is not sent to this origin; add it to allowedOrigins if it may have it',
      );
    }
    const token = await getToken();
    const response = await fetch(withToken(first, token));
    if (response.status !== 401 || token.refreshToken === undefined || isSpent(input, init)) return response;
    const renewed = await getToken(token);
    // somebody else has signed in meanwhile: this request is not theirs
    return renewed.id === token.id ? fetch(withToken(new Request(input, init), renewed)) : response;
  };
}

function withToken(request: Request, { tokenType = 'Bearer', accessToken }: SavedToken): Request {
  const headers = new Headers(request.headers);
  try {
    headers.set('authorization', `${tokenType} ${accessToken}`);
  } catch {
    // the engine's own message would quote the token
    throw new TokenkeepError('E_REAUTH', 'the stored access token is not one that a header can carry; sign in again');
  }
  // a browser does not say where a redirect leads before it has gone there
  return new Request(request, { headers, redirect: request.redirect === 'manual' ? 'manual' : 'error' });
}

/** Whether the body cannot be read a second time. */
function isSpent(input: RequestInfo | URL, init: RequestInit | undefined): boolean {
  if (init?.body !== undefined && init.body !== null) return init.body instanceof ReadableStream;
  return input instanceof Request && input.bodyUsed;
}
