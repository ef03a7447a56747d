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
  readonly OAUTH_ISSUER?: string;
  readonly OAUTH_CLIENT_ID?: string;
  /** Separated by spaces. Default `openid offline_access`. */
  readonly OAUTH_SCOPE?: string;
  /** The base address that `/api/*` is forwarded to. */
  readonly API_ORIGIN?: string;
  /** The origin that browsers see. Default: the origin of each request. */
  readonly PUBLIC_ORIGIN?: string;
  /** `d1` or `kv`. Default `d1`. */
  readonly TOKEN_BACKEND?: string;
  /** The public client with which the page signs in by itself. Absent: it may not call the servers. */
  readonly PAGE_CLIENT_ID?: string;
  /** `on` adds the routes of `demo-routes.ts`, which show secrets. Never in production. */
  readonly DEMO?: string;
}
