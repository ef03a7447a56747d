import type { KeyringSource } from 'tokenkeep';

/** The bindings, secrets and variables of `wrangler.toml`. A variable that is not set is absent. */
export interface Env {
  readonly DB?: D1Database;
  readonly KV?: KVNamespace;
  readonly ASSETS: Fetcher;
  /** Secret: the root keys, as `generateKeyring()` makes them, or a binding of the Secrets Store. */
  readonly TOKENKEEP_KEYRING?: KeyringSource;
  /** Secret: absent for a public client. */
  readonly OAUTH_CLIENT_SECRET?: string;
  /** Secret: opens the administration beneath `/admin`; 32 characters or more. Absent: there is none. */
  readonly TOKENKEEP_ADMIN_SECRET?: string;
  readonly OAUTH_ISSUER?: string;
  readonly OAUTH_CLIENT_ID?: string;
  /** Separated by spaces. Default `openid offline_access`. */
  readonly OAUTH_SCOPE?: string;
  /** What the server does with a refresh token that was used: `strict`, it replaces it, or `none`. Default `strict`. */
  readonly OAUTH_ROTATION?: string;
  /** When a renewal was cut off: `retry-once`, or `sign-in`. Default `retry-once`. */
  readonly OAUTH_IN_DOUBT?: string;
  /** The base address that `/api/*` is forwarded to. */
  readonly API_ORIGIN?: string;
  /** The origin that browsers see. Default: the origin of each request. */
  readonly PUBLIC_ORIGIN?: string;
  /** `d1`, `kv`, or `d1+kv`: D1 with access tokens cached in KV. Default `d1`. `kv` needs `OAUTH_ROTATION` `none`. */
  readonly TOKEN_BACKEND?: string;
  /** `on` has the scheduled work renew tokens before they expire. Default: they are renewed when they are used. */
  readonly KEEP_FRESH?: string;
  /** The public client with which the page signs in by itself. Absent: it may not call the servers. */
  readonly PAGE_CLIENT_ID?: string;
  /** `on` adds the routes of `demo-routes.ts`, which show secrets. Never in production. */
  readonly DEMO?: string;
}
