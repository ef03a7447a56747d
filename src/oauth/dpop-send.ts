import * as engine from 'oauth4webapi';
import type { Renewal } from '../core/renewal.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { DpopKeyPair } from './dpop-key-pair.ts';
import { type DpopProofs, dpopProofs } from './dpop-proofs.ts';
import { isProofError } from './is-proof-error.ts';

interface HeadersOnly {
  readonly headers: { readonly [name: string]: string };
}

/** What an API answered, and whether it found fault with the proof. */
interface Answer {
  readonly response: Response;
  readonly refused: boolean;
}

/**
 * Makes what presents a token together with a proof for the very request (RFC 9449 §7.1). When the API wants a nonce in
 * the proof, or finds the clock here wrong, the request is sent once more; for that its body is held in memory while it
 * is sent. Redirects are not followed, because a proof is for one address.
 *
 * A token of another type is presented as its type says: it was stored before the client had a key.
 */
export function dpopSend(keyPair: DpopKeyPair, now: () => number): NonNullable<Renewal['send']> {
  return async (request, { tokenType, accessToken }, fetch) => {
    // the engine's own message would quote the token
    if (!/^[\x20-\x7e]+$/.test(accessToken) || !/^[\w-]+$/.test(tokenType)) {
      throw new TokenkeepError(
        'E_REAUTH',
        'The stored access token is not one that a header can carry; sign in again.',
      );
    }
    if (tokenType.toLowerCase() !== 'dpop') {
      return fetch(withHeaders(request, { authorization: `${tokenType} ${accessToken}` }));
    }
    const proofs = dpopProofs(keyPair, now);
    const copy = request.clone();
    const first = await present(request, accessToken, proofs, fetch);
    if (!proofs.learn(request.url, first.response.headers, first.refused) || !first.refused) {
      // Not awaited: a copied stream only ends when the other half does.
      copy.body?.cancel().catch(() => undefined);
      return first.response;
    }
    await first.response.body?.cancel();
    const { response, refused } = await present(copy, accessToken, proofs, fetch);
    proofs.learn(request.url, response.headers, refused);
    return response;
  };
}

async function present(
  request: Request,
  accessToken: string,
  { handle }: DpopProofs,
  fetch: typeof globalThis.fetch,
): Promise<Answer> {
  const answers: Response[] = [];
  const options = {
    DPoP: handle,
    [engine.allowInsecureRequests]: true,
    // Only the proof is the library's: it knows neither the mode nor the signal of the request, nor streams its body.
    [engine.customFetch]: async (_url: string, { headers: { authorization = '', dpop = '' } }: HeadersOnly) => {
      const response = await fetch(withHeaders(request, { authorization, dpop }));
      answers.push(response);
      return response;
    },
  };
  const refused = await engine
    .protectedResourceRequest(accessToken, request.method, new URL(request.url), undefined, undefined, options)
    .then(() => false)
    .catch((error: unknown) => {
      // The library takes every challenge for a failure; the caller wants the answer.
      if (answers.length === 0) throw error;
      return isAboutProof(error);
    });
  return { response: answers[0] as Response, refused };
}

function withHeaders(request: Request, added: { readonly [name: string]: string }): Request {
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, value);
  return new Request(request, { headers, redirect: request.redirect === 'follow' ? 'manual' : request.redirect });
}

/** RFC 9449 §7.1: a proof that is not accepted, and one that lacks a nonce. */
function isAboutProof(error: unknown): boolean {
  if (!(error instanceof engine.WWWAuthenticateChallengeError)) return false;
  return error.cause.some(({ scheme, parameters }) => scheme === 'dpop' && isProofError(parameters.error));
}
