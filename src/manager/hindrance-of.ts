import type { SavedToken } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { reauthError } from './reauth-error.ts';
import type { TokenSourceOptions } from './token-source.ts';

/** Why a token is not to be renewed at all, or not now, or not here; `undefined` when it may be. */
export function hindranceOf(
  { reauthRequired, refreshToken }: SavedToken,
  coolingMs: number,
  role: TokenSourceOptions['role'],
): TokenkeepError | undefined {
  if (reauthRequired !== undefined) return reauthError(reauthRequired.reason);
  if (refreshToken === undefined) {
    return new TokenkeepError(
      'E_REAUTH',
      'the access token is of no more use and there is no refresh token; sign in again',
    );
  }
  if (coolingMs > 0) {
    return new TokenkeepError(
      'E_UNAVAILABLE',
      'the authorization server could not renew the token just now; try again later',
      { retryAfterMs: coolingMs },
    );
  }
  if (role !== 'reader') return undefined;
  return new TokenkeepError('E_UNAVAILABLE', 'the one who renews this token has not done so yet; try again later');
}
