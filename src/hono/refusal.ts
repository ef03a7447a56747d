import type { ReauthReason } from '../core/oauth-token.ts';
import { type ErrorCode, TokenkeepError } from '../core/tokenkeep-error.ts';

/** An error as strangers may see it. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 409 | 429 | 500 | 502 | 503;
  readonly code: string;
  /** What to do next. */
  readonly message: string;
  /** When trying again makes sense, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** Of an `E_REAUTH`: why the user has to sign in again, where it is not simply that nobody has. */
  readonly reason?: ReauthReason;
}

/** Every other code is 503: the request was in order, and we could not serve it. */
const statuses: { readonly [C in ErrorCode]?: Refusal['status'] } = {
  E_INPUT: 400,
  E_CALLBACK: 400,
  E_REAUTH: 401,
  E_OAUTH: 502,
  E_NETWORK: 502,
};

/** When to try again where nobody said, in milliseconds: somebody else's renewal is about to end. */
const defaultRetryMs: { readonly [C in ErrorCode]?: number } = { E_TIMEOUT: 1000, E_UNAVAILABLE: 1000 };

/** What an authorization server answers when the fault is ours or its own, and not the user's sign-in. */
const blameless = new Set(['invalid_client', 'unauthorized_client', 'server_error', 'temporarily_unavailable']);

/**
 * What is answered for an error. Messages of {@link TokenkeepError} hold nothing secret and are passed on; of any other
 * error only its kind is, because its message may quote what it choked on.
 */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof TokenkeepError)) {
    const kind = error instanceof Error ? error.constructor.name : typeof error;
    const message = `something failed that should not have (${kind}); try again, then report it`;
    return { status: 500, code: 'E_UNEXPECTED', message };
  }
  const { code, message, reason, retryAfterMs = defaultRetryMs[code] } = error;
  return {
    status: statuses[code] ?? 503,
    code,
    message,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(reason !== undefined && { reason }),
  };
}

/** The same for a callback: when the server refused the sign-in or its code, that is 401. */
export function callbackRefusalOf(error: unknown): Refusal {
  const oauthError = error instanceof TokenkeepError ? error.oauthError : undefined;
  const refused = oauthError !== undefined && !blameless.has(oauthError);
  return refused ? { ...refusalOf(error), status: 401 } : refusalOf(error);
}

/** How the half of a key is refused: what other routes answer with 503 is the doing of who asks. */
const keyHalfStatuses: { readonly [code: string]: Refusal['status'] } = {
  E_NO_ROOT: 404,
  E_CONFLICT: 409,
  E_UNAVAILABLE: 429,
};

/** The same for the half of a key. */
export function keyHalfRefusalOf(error: unknown): Refusal {
  const refusal = refusalOf(error);
  return { ...refusal, status: keyHalfStatuses[refusal.code] ?? refusal.status };
}
