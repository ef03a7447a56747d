import type { AccessToken } from '../core/access-token.ts';
import type { SavedToken } from '../core/oauth-token.ts';
import type { GetTokenOptions } from '../manager/token-source.ts';
import type { OAuthClient } from '../oauth/oauth-client.ts';
import type { EncryptedTokenStore } from '../store/encrypted-token-store.ts';
import type { OneTimeStore } from '../store/one-time-store.ts';
import type { PageEvent } from './page-events.ts';

/** What {@link createPageClient} needs. */
export interface PageClientOptions {
  /**
   * Keeps the token. May be shared with other clients: this one touches the tokens of its own issuer and client id only,
   * and at the sign-out deletes records of which nobody can tell whose they are, because they are damaged or their key is
   * lost: share no store with clients that have another keyring.
   */
  readonly store: EncryptedTokenStore;
  /** Keeps sign-ins that are under way. */
  readonly transactions: OneTimeStore;
  /**
   * This page at its authorization server: a public client, without a secret. Its redirect URL is an address of this page.
   * With `dpop` its tokens are bound to that key (RFC 9449): all tabs have to use the same one for as long as they last.
   */
  readonly client: OAuthClient;
  /**
   * The origins that {@link PageClient.fetch} may send the access token to, such as `https://api.example.com`. Default: those
   * of the provider.
   */
  readonly allowedOrigins?: readonly string[];
  /** Leaves the page for the authorization server. Default: `location.assign`. */
  readonly navigate?: (url: URL) => void;
  /** For the authorization server and for {@link PageClient.fetch}. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** The clock, in epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number;
}

/**
 * OAuth for a single-page application: one signed-in user at a time, whose token is kept sealed.
 *
 * Any number of tabs may use the same store; they see one sign-in, and of all of them one renews. The others notice at once
 * when that one is closed in the middle of it (Web Locks; where there are none, when its claim ends).
 */
export interface PageClient {
  /**
   * Finishes a sign-in when the address is its callback, and does nothing at any other address. Call it first, before a
   * router reads the address: `code`, `state` and `iss` are gone from it at once, and after success it is the address
   * that {@link PageClient.signIn} was called at.
   *
   * A new sign-in replaces the one before. Calls made while one is running share its outcome.
   *
   * @returns the saved token; `undefined` when the address is no callback.
   * @throws `E_LOCKED` while the store is locked: the callback stays in the address, so that unlocking and calling again completes it.
   * @throws `E_CALLBACK` when the callback belongs to no sign-in of this browser in the last ten minutes, was used before,
   * or when the server refused (with `oauthError`, for example `access_denied`); `E_OAUTH`, `E_NETWORK`. Nothing is
   * stored then, and the sign-in cannot be finished any more: begin a new one.
   */
  completeSignIn(): Promise<SavedToken | undefined>;

  /**
   * Leaves the page to sign in. The promise never resolves.
   *
   * @throws `E_CONFIG` when a setting is wrong or the redirect URL is of another origin than this page; `E_NETWORK`,
   * `E_OAUTH` when the server's metadata cannot be read; the store's errors.
   */
  signIn(): Promise<never>;

  /**
   * The token as it is stored, even when its access token has expired; `undefined` when nobody is signed in. With
   * `reauthRequired` it can no longer be renewed, and says why and since when: show that, and offer to sign in.
   *
   * @throws `E_AUTH`, `E_FORMAT` or `E_KEY_UNKNOWN` when there is a record but it does not open. Signing in again, or
   * {@link PageClient.signOut}, clears it away.
   */
  token(): Promise<SavedToken | undefined>;

  /**
   * An access token that works now, for whatever {@link PageClient.fetch} cannot send: renewed first when it has expired, by
   * one caller of all in all tabs. What can be told it and what it throws is that of {@link TokenSource.getToken}; nobody
   * signed in is `E_REAUTH` too.
   */
  getToken(options?: GetTokenOptions): Promise<AccessToken>;

  /**
   * `fetch` with the access token, as {@link TokenSource.fetch} sends it: renewed first when it has expired, and once more
   * after a 401.
   *
   * The token goes to {@link PageClientOptions.allowedOrigins} only: a redirect is therefore an error, except in mode
   * `manual`. Errors of the request itself are those of `fetch`.
   *
   * @throws `E_CONFIG` when the origin is not allowed; nothing is sent then. `E_REAUTH` when the user has to sign in;
   * `E_TIMEOUT` or `E_UNAVAILABLE` when the token could not be renewed now.
   */
  readonly fetch: typeof globalThis.fetch;

  /**
   * Tells the listener of sign-ins, sign-outs and renewals, those of other tabs with `elsewhere: true`, so that a page can
   * show at once what another one did: by then {@link PageClient.token} returns what came of it. Other tabs are told over a
   * `BroadcastChannel`, which carries ids and kinds of events and no secret; without one, a listener is told of its own tab.
   * What a listener throws is ignored.
   *
   * Concerns tabs of the same origin with the same issuer and client id. While somebody listens, some browsers load the
   * page anew when the user comes back to it.
   *
   * @returns ends it.
   */
  subscribe(listener: (event: PageEvent) => void): () => void;

  /**
   * Deletes the token, then revokes it at the server (RFC 7009). Succeeds when nobody is signed in.
   *
   * @throws `E_NETWORK` or `E_OAUTH` when the server could not be told. The token is deleted all the same.
   */
  signOut(): Promise<void>;
}
