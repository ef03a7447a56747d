import type { AccessTokenCache } from '../core/access-token-cache.ts';
import type { RecordBackend } from '../core/record-backend.ts';
import type { TokenListeners } from '../core/token-event.ts';
import type { KeyringSource } from '../crypto/import-keyring.ts';
import type { OAuthClient } from '../oauth/oauth-client.ts';

/** What {@link tokenkeep} needs to sign users in, and to call an API for them. */
export interface EdgeOptions extends TokenListeners {
  /**
   * Where the sealed tokens and sessions live. Only with compare-and-set is each token renewed once, and each sign-in
   * completed once; without it (KV) a provider that rotates refresh tokens is refused, unless {@link EdgeOptions.role} is set.
   */
  readonly backend: RecordBackend;
  /** The keyring setting that seals tokens and cookies. */
  readonly keyring: KeyringSource | undefined;
  /** This application at the authorization server. Its redirect URL is `/auth/callback` of the {@link EdgeOptions.origin}. */
  readonly client: Omit<OAuthClient, 'redirectUrl'>;
  /** The base address that `/api/*` is forwarded to. Default: none, and those routes answer 404. */
  readonly api?: string | undefined;
  /**
   * The origin that browsers see, such as `https://app.example`. Default: the origin of each request's URL.
   *
   * On Cloudflare that default is sound: the host of a request is one the Worker is routed to. Elsewhere the host is
   * whatever the client wrote into its `Host` header and the scheme is lost behind a proxy, so set it. Even then a
   * forged host leads nowhere: the server compares the redirect URL with the registered ones (RFC 9700 §4.1.3).
   */
  readonly origin?: string | undefined;
  /** Keeps the tokens of several parties in one database apart. Stored in the clear. Default `default`. */
  readonly tenant?: string;
  /**
   * How long a session lasts from the sign-in on, in whole milliseconds; nothing prolongs it. At most 400 days. Default 30 days.
   */
  readonly sessionMs?: number;
  /**
   * How long a session lasts without a request, in whole milliseconds: a minute at least, 400 days at most. Default 7 days.
   *
   * A request is noted only when a tenth of this time has passed since the last one that was, so that few requests write
   * anything; a session may therefore end up to a tenth early. A page that asks by itself, again and again, keeps its
   * session alive.
   */
  readonly idleMs?: number;
  /** Whether {@link maintain} renews the tokens of sign-ins before they expire, for as long as they are stored. Default `false`. */
  readonly keepFresh?: boolean;
  /** Asked for access tokens before the backend, such as `accessTokenCache()` in KV in front of D1. Default: none. */
  readonly cache?: AccessTokenCache;
  /**
   * For a backend without compare-and-set and a provider that rotates refresh tokens: `refresher` where this is the only one
   * that renews them, `reader` where it never does. Default: none, and such a pair is refused.
   */
  readonly role?: 'refresher' | 'reader';
  /** Calls the authorization server and the API. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}
