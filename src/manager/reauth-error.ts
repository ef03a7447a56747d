import type { ReauthReason } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

const sentences: Record<ReauthReason, string> = {
  refused: 'the authorization server no longer renews this token; sign in again',
  interrupted: 'a renewal was cut off, and the refresh token may be spent; sign in again',
};

/** What a caller is told whose token waits for its user. */
export function reauthError(reason: ReauthReason): TokenkeepError {
  return new TokenkeepError('E_REAUTH', sentences[reason], { reason });
}
