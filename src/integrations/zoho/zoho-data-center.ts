/**
 * A data centre of Zoho: where its users sign in, and where their data is. Each user has an account in one of them.
 *
 * Every address is an origin (scheme, host and port only): `https:`, or `http:` on a loopback host for a stand-in.
 */
export interface ZohoDataCenter {
  /** The short name that Zoho sends back as `location` after a sign-in, such as `eu`. */
  readonly location: string;
  /** The accounts server, which is also the issuer of its tokens. */
  readonly accounts: string;
  /** The API of the production environment, as answers name it in `api_domain`. */
  readonly api: string;
  /** The API of the sandbox environment. */
  readonly sandbox: string;
  /** The API of the developer environment. */
  readonly developer: string;
}
