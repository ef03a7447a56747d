import type { AccessToken } from '../core/access-token.ts';
import type { AccessTokenCache } from '../core/access-token-cache.ts';
import type { SavedToken, TokenQuery } from '../core/oauth-token.ts';
import type { Renewal } from '../core/renewal.ts';
import type { TokenListeners } from '../core/token-event.ts';
import type { ClaimableTokenStore } from '../core/token-store.ts';
import type { RenewalSignals } from './renewal-signals.ts';

/** What {@link TokenSource.getToken} can be told. */
export interface GetTokenOptions {
  /**
   * Renews even a token that looks fresh. Given the token that an API has just refused, only while that one is the stored
   * one: callers that were refused together get one renewal, and one that was renewed seconds ago is not renewed again.
   */
  readonly forceRefresh?: boolean | AccessToken;
  /** Ends this caller's waiting, with the signal's reason. A renewal that is under way goes on. */
  readonly signal?: AbortSignal;
}

/** Yields a usable access token. */
export interface TokenSource {
  /**
   * An access token that works now. Fresh, it comes from one read. One that is about to expire is renewed by one caller, of
   * all in all tabs and isolates, while the others use it on; for one that has expired they wait.
   *
   * @throws `E_REAUTH` when there is no such token, or it can no longer be renewed: the user has to sign in. The `reason`
   * says why; the token is kept.
   * @throws `E_TIMEOUT` when somebody else's renewal did not end in time; `E_UNAVAILABLE` when the authorization server
   * could not renew it now, with `retryAfterMs`. Trying again later is safe.
   * @throws `E_CONFIG` when the authorization server refuses the client; the token is untouched.
   * @throws `E_QUERY`, `E_AMBIGUOUS`, `E_STORAGE` and what else the store throws.
   */
  getToken(options?: GetTokenOptions): Promise<AccessToken>;

  /**
   * `fetch` with the access token in `Authorization`, after its token type (RFC 6750 §2.1), or as the provider wants it. After
   * a 401 the token is renewed and the request sent once more, where its body can be; a body that is a stream is sent once.
   *
   * The token goes to {@link Renewal.allowedOrigins} only: a redirect is therefore an error, except in mode `manual`. The
   * caller's signal ends the request, and no renewal. Errors of the request itself are those of `fetch`.
   *
   * @throws `E_CONFIG` when the origin is not allowed; nothing is sent then. What {@link TokenSource.getToken} throws.
   */
  readonly fetch: typeof globalThis.fetch;
}

/** What {@link createTokenSource} needs: where the token is, and how it is renewed. */
export interface TokenSourceOptions extends Renewal, TokenListeners {
  readonly store: ClaimableTokenStore;
  /**
   * Which token: the whole request, so that callers who want another user, client, resource or scope never share one. Give
   * `userName`, `issuer` and `clientId`, with `resource` and `scope` where a client has several; or an `id`.
   */
  readonly query: TokenQuery;
  /**
   * From when on a token is renewed although it still works, in epoch milliseconds; `undefined` for never. Default
   * {@link softExpiry}: the larger of a minute and a tenth of the lifetime before it expires, and a little earlier at random.
   */
  readonly softExpiry?: (token: SavedToken) => number | undefined;
  /** How long to wait for somebody else's renewal, in milliseconds. Default 15 000. */
  readonly waitMs?: number;
  /**
   * How long the authorization server may take, in milliseconds. Default 10 000. A claim holds 20 seconds longer, so that
   * it never ends before the call and the writes after it have.
   */
  readonly timeoutMs?: number;
  /**
   * For backends without compare-and-set, where nobody can be kept from renewing at the same time: `refresher` is the only
   * one who renews, which the application has to see to; a `reader` never does. Default: everybody renews, which such a
   * backend allows only with {@link Renewal.rotation} `none`.
   */
  readonly role?: 'refresher' | 'reader';
  /** Asked before the store. Default: none. */
  readonly cache?: AccessTokenCache;
  /** Makes waiting shorter. Default: none; in a page `tabSignals()` of `tokenkeep/page`. */
  readonly signals?: RenewalSignals | undefined;
  /**
   * Keeps the runtime alive until a renewal has ended, though nobody waits for it any more: in a Worker
   * `(work) => executionContext.waitUntil(work)`. Without it the new refresh token is lost with a caller who hangs up.
   */
  readonly waitUntil?: (work: Promise<unknown>) => void;
  /** Sends the requests of {@link TokenSource.fetch}. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}
