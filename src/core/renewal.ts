import type { AccessToken } from './access-token.ts';
import type { OAuthToken, SavedToken, TokenChange } from './oauth-token.ts';

/** How one renewal is to be made. */
export interface RenewalRequest {
  /** Aborts when the renewal has taken too long. */
  readonly signal: AbortSignal;
  /**
   * Whether this very refresh token was sent before and nobody knows what became of it. It is sent once more at most: make
   * sure first that the server can be reached, and reject with `inDoubt: false` when it cannot.
   */
  readonly inDoubt: boolean;
}

/** What a token source has to know of an authorization server. `oauthRenewal` of `tokenkeep/oauth` makes one. */
export interface Renewal {
  /**
   * Asks the authorization server for a new access token (RFC 6749 §6). Called once for each renewal.
   *
   * Resolves with the new access token, and what else is to be saved. Without a refresh token the old one stays in force (RFC
   * 6749 §6). An answer without an access token, or one of another user, issuer, client or resource, counts as in doubt.
   *
   * Rejects with a {@link TokenkeepError}: `E_OAUTH` with the `oauthError` of the server; `E_NETWORK`, where
   * `inDoubt: false` says that nothing was sent. Any other error counts as in doubt.
   */
  refresh(token: SavedToken, request: RenewalRequest): Promise<TokenChange>;

  /**
   * Revokes a token that nobody keeps: one renewed while a sign-out deleted it. Its failure is ignored. Default: it lapses
   * by itself.
   */
  revoke?(token: OAuthToken): Promise<void>;

  /**
   * What the server does with a refresh token that was used: `strict`, it replaces it, and the grant ends when the old one
   * comes again (RFC 9700 §4.14.2); `none`, it works on, so that nothing is ever in doubt. Default `strict`, which is safe
   * with every server.
   */
  readonly rotation?: 'strict' | 'none';

  /**
   * What to do when a renewal was cut off and nobody knows whether the server replaced the refresh token: `retry-once`
   * sends it once more, `sign-in` asks the user to sign in. The retry saves the session when the server never got the
   * first call, or honours a replaced token for a while; a server that detects reuse then ends the grant, which nobody
   * could renew anyway, the answer being lost, and may raise an alarm about a stolen token. Default `retry-once`.
   */
  readonly whenInDoubt?: 'retry-once' | 'sign-in';

  /**
   * How far apart two renewals of one refresh token should be, in milliseconds, where a server allows only so many. A token
   * that an API refuses is not renewed again before, since its successor would fare no better, and a server that is too busy
   * is asked again after that time when it names none. Default 5000. `forceRefresh: true` does not wait for it.
   */
  readonly intervalMs?: number;

  /** The origins that `fetch` may send the access token to, such as `https://api.example.com`. Default: none. */
  readonly allowedOrigins?: readonly string[];

  /**
   * Sends a request with the access token. Default: in `Authorization`, after its token type (RFC 6750 §2.1). For tokens
   * that take more than that, such as DPoP (RFC 9449).
   */
  send?(request: Request, token: AccessToken, fetch: typeof globalThis.fetch): Promise<Response>;
}
