import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * What a failed renewal means:
 *
 * - `refused`: the authorization server will not renew this token again; only its user can help.
 * - `misconfigured`: it does not take this client, or this request. No user can help.
 * - `unavailable`: it could not do it now, or nobody knows whether it did.
 */
export type RenewalFailure =
  | { readonly kind: 'refused' }
  | { readonly kind: 'misconfigured'; readonly coolingMs: number; readonly oauthError?: string }
  | {
      readonly kind: 'unavailable';
      /** Before when nobody should ask again, in milliseconds from now. */
      readonly coolingMs: number;
      /** Whether the server may have replaced the refresh token. */
      readonly inDoubt: boolean;
      readonly oauthError?: string;
    };

/** RFC 6749 §5.2, OpenID Connect Core §3.1.2.6: what a server says of the grant and its user. */
const aboutTheGrant = new Set([
  'invalid_grant',
  'interaction_required',
  'login_required',
  'consent_required',
  'account_selection_required',
]);
const shortestMs = 1000;
const longestMs = 86_400_000;
const unavailable = new Set(['server_error', 'temporarily_unavailable']);

/**
 * Tells what an error of {@link Renewal.refresh} means. One that is none of ours counts as in doubt, because it can have
 * happened after the server had acted.
 *
 * @param intervalMs how long a server that is too busy is left alone when it does not say.
 */
export function renewalFailure(error: unknown, intervalMs: number): RenewalFailure {
  const known = error instanceof TokenkeepError ? error : undefined;
  const { code, oauthError, retryAfterMs, inDoubt } = known ?? {};
  const detail = oauthError === undefined ? {} : { oauthError };
  if (code === 'E_REAUTH' || (code === 'E_OAUTH' && aboutTheGrant.has(oauthError ?? ''))) return { kind: 'refused' };
  if (code === 'E_CONFIG' || (code === 'E_OAUTH' && !unavailable.has(oauthError ?? 'server_error'))) {
    return { kind: 'misconfigured', coolingMs: jittered(30_000), ...detail };
  }
  const asked = oauthError === 'temporarily_unavailable';
  return {
    kind: 'unavailable',
    coolingMs: jittered(retryAfterMs ?? (code === 'E_NETWORK' ? 2000 : asked ? intervalMs : 5000)),
    inDoubt: inDoubt ?? !asked,
    ...detail,
  };
}

/**
 * A second at least and a day at most, and a little longer for each: those who were sent away together do not come back
 * together.
 */
function jittered(asked: number): number {
  const ms = Number.isNaN(asked) ? shortestMs : Math.min(Math.max(asked, shortestMs), longestMs);
  return Math.round(ms + Math.random() * Math.min(ms / 2, 10_000));
}
