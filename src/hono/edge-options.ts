import type { RecordBackend } from '../core/record-backend.ts';
import type { KeyringSource } from '../crypto/import-keyring.ts';
import type { OAuthClient } from '../oauth/oauth-client.ts';

/** What {@link tokenkeep} needs to sign users in, and to call an API for them. */
export interface EdgeOptions {
  /** Where the sealed tokens live. Only with compare-and-set is each token renewed once, and each sign-in completed once. */
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
  /** How long a session lasts from the sign-in on, in milliseconds; nothing prolongs it. At most 400 days. Default 30 days. */
  readonly sessionMs?: number;
  /** Calls the authorization server and the API. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}
