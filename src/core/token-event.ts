import type { ReauthReason } from './oauth-token.ts';

/** What every event says: which token, and when. Never a token, a key or a user name. */
interface EventBase {
  /** The id of the record, which is stored in the clear anyway. */
  readonly tokenId: string;
  /** The revision that the event is about. */
  readonly revision: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

/**
 * What happened when a token was to be renewed:
 *
 * - `refreshed`: the server gave a new access token and it is stored.
 * - `joined`: a caller waited for somebody else's renewal and got its token.
 * - `adopted`: a caller found that somebody else had stored a newer token than the one it tried to renew.
 * - `in-doubt`: a renewal ended without anybody knowing whether the server replaced the refresh token. `attempts` counts
 *   how many have with this refresh token.
 * - `retry-later`: the server could not renew it now; nobody tries again before `retryAfterMs` milliseconds.
 * - `reauth-required`: the user has to sign in again. The token is kept, with the reason.
 * - `configuration-error`: the server refused the client, not the user; `oauthError` is its code. The token is untouched.
 * - `persist-failed`: the server gave a new token and the database did not take it.
 * - `discarded`: the token was deleted while it was renewed; what the server gave was revoked or has to lapse.
 */
export type TokenEvent = EventBase &
  (
    | { readonly type: 'refreshed' | 'joined' | 'adopted' | 'persist-failed' | 'discarded' }
    | { readonly type: 'in-doubt'; readonly attempts: number }
    | { readonly type: 'retry-later'; readonly retryAfterMs: number; readonly oauthError?: string }
    | { readonly type: 'reauth-required'; readonly reason: ReauthReason }
    | { readonly type: 'configuration-error'; readonly oauthError?: string }
  );

/** Who is told of events. */
export interface TokenListeners {
  /** Told and not waited for. What it throws is ignored. */
  readonly onEvent?: (event: TokenEvent) => void;
  /**
   * Told and waited for, up to five seconds, before the caller gets the token: for a log that must be complete. What it
   * throws is ignored, because the token is renewed and stored by then.
   */
  readonly onEventAwaited?: (event: TokenEvent) => Promise<void>;
}
