import * as engine from 'oauth4webapi';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { answerBody } from './answer-body.ts';
import { registeredCode } from './registered-code.ts';
import { retryAfterMs } from './retry-after.ts';

/** What was being done when something failed. */
export type Step = 'discovery' | 'callback' | 'exchange' | 'refresh' | 'revocation';

const advice = new Map([
  ['invalid_grant', 'the user has to sign in again'],
  ['invalid_client', 'check clientId, clientSecret and clientAuthentication'],
  ['unauthorized_client', 'allow this grant type for the client at the server'],
  ['invalid_scope', 'check the scope of the client'],
  ['temporarily_unavailable', 'try again later'],
  ['invalid_dpop_proof', 'set dpop to the key pair that the token is bound to, and check the clock here'],
  ['use_dpop_nonce', 'set dpop to a key pair, and let the server expose its DPoP-Nonce to pages of other origins'],
]);

/** Answers of a gateway that may have passed the request on; 520 and 524 are Cloudflare's. */
const gateway = new Set([502, 504, 520, 524]);

/**
 * What an answer with an error status means. The status goes before the body: a server that is busy (429, 503) or broken
 * (5xx) has not judged the grant, whatever it wrote. Such an answer says that nothing was done, unless it is a gateway's:
 * what stands behind that one may have acted.
 *
 * @returns an `E_OAUTH` with a registered code and `inDoubt`, and with `retryAfterMs` when the server said how long to wait.
 */
export async function refusal(response: Response, now: number): Promise<TokenkeepError> {
  const code = await codeOf(response);
  const next = advice.get(code) ?? 'check the endpoints and settings of the provider, or try again later';
  const wait = retryAfterMs(response.headers, now);
  return new TokenkeepError(
    'E_OAUTH',
    `The authorization server answered ${code} (HTTP ${response.status}); ${next}.`,
    { oauthError: code, inDoubt: gateway.has(response.status), ...(wait !== undefined && { retryAfterMs: wait }) },
  );
}

async function codeOf(response: Response): Promise<string> {
  if (response.status === 429 || response.status === 503) return 'temporarily_unavailable';
  if (response.status >= 500) return 'server_error';
  const error = answerBody(await response.text())?.error;
  if (error) return registeredCode(error);
  const challenge = /\berror="?(\w+)/.exec(response.headers.get('www-authenticate') ?? '')?.[1];
  if (challenge) return registeredCode(challenge);
  return response.status === 401 ? 'invalid_client' : 'server_error';
}

/**
 * The one place where an error of the OAuth library becomes ours. Library errors hold whole answers, access tokens
 * included, so nothing of them is kept but what they are. A successful answer that is not usable leaves it in doubt what the
 * server has done.
 */
export function oauthFailure(error: unknown, step: Step): TokenkeepError {
  if (error instanceof TokenkeepError) return error;
  if (error instanceof engine.AuthorizationResponseError) {
    const code = registeredCode(error.error);
    return new TokenkeepError('E_CALLBACK', `The sign-in ended with ${code}; start it again.`, { oauthError: code });
  }
  if (step === 'callback') {
    return new TokenkeepError(
      'E_CALLBACK',
      'The callback does not belong to the sign-in that is under way, or not to its server; start the sign-in again.',
    );
  }
  if (step === 'discovery') {
    return new TokenkeepError(
      'E_CONFIG',
      "The issuer's discovery document is not readable or names another issuer; correct provider.issuer, or set provider.authorizationEndpoint and provider.tokenEndpoint.",
    );
  }
  if (step === 'exchange' && isAboutIdToken(error)) {
    return new TokenkeepError(
      'E_CALLBACK',
      'The ID token does not belong to this sign-in, or had expired when it was issued; start the sign-in again.',
    );
  }
  const next =
    error instanceof engine.UnsupportedOperationError
      ? 'if its token type is one the API knows, set provider.tokenType'
      : 'check provider.tokenEndpoint, and whether provider.responses may be "normalized"';
  return new TokenkeepError('E_OAUTH', `The authorization server's answer is not usable (${step}); ${next}.`, {
    oauthError: 'server_error',
    inDoubt: true,
  });
}

function isAboutIdToken(error: unknown): boolean {
  const cause = error instanceof engine.OperationProcessingError ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'claims' in cause;
}
