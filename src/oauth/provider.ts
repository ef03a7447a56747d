/**
 * An authorization server as data. With the issuer alone its endpoints are discovered; with `authorizationEndpoint` and
 * `tokenEndpoint` nothing is looked up.
 *
 * Every address is `https:`, or `http:` on a loopback host when the issuer is one too.
 */
export interface Provider {
  /** The issuer identifier (RFC 8414 §2), compared exactly. For a server that has none: its origin, or any URL that names it. */
  readonly issuer: string;
  /** Where the browser is sent (RFC 6749 §3.1). Default: discovered. */
  readonly authorizationEndpoint?: string;
  /** Where codes and refresh tokens are redeemed (RFC 6749 §3.2). Default: discovered. */
  readonly tokenEndpoint?: string;
  /** Where tokens are revoked (RFC 7009). Default: discovered; without one, `revoke` does nothing. */
  readonly revocationEndpoint?: string;
  /**
   * Whether every callback carries `iss` (RFC 9207), so that one without it is refused. An `iss` that is there is
   * always checked. Default: what the server advertises; `false` with explicit endpoints.
   */
  readonly issuerInCallback?: boolean;
  /** What stands between two scopes in the request. Default: a space (RFC 6749 §3.3). */
  readonly scopeSeparator?: string;
  /** Sent with every authorization request, for example `{ access_type: 'offline', prompt: 'consent' }`. */
  readonly authorizationParameters?: { readonly [name: string]: string };
  /**
   * How the API wants to see the access token, for example `Zoho-oauthtoken`. It replaces whatever type the server
   * names. Default: the type the server named, else `Bearer`; a type other than `Bearer`, and `DPoP` for a client with
   * `dpop`, is then refused.
   */
  readonly tokenType?: string;
  /**
   * `normalized` repairs well-known departures from RFC 6749 §5 in token answers (see {@link normalizingFetch}) and
   * leaves a conforming answer as it is; `strict` reports such answers as `E_OAUTH`. Default: `normalized`, because a
   * refusal sent with status 200, as GitHub, Slack and Zoho do, would otherwise not be recognised as one, and a token
   * whose answer lacks `token_type` would be lost after the code was spent.
   */
  readonly responses?: 'strict' | 'normalized';
  /**
   * What the server does with a refresh token that was used: `strict`, it replaces it, and the grant ends when the old one
   * comes again (RFC 9700 §4.14.2); `none`, it works on, as with Google and Zoho. Default: `strict`, which is safe with
   * every server.
   */
  readonly rotation?: 'strict' | 'none';
  /**
   * What to do when a renewal was cut off and nobody knows whether the server replaced the refresh token: `retry-once`
   * sends it once more, as soon as the server answers at all; `sign-in` asks the user to sign in. A server that detects
   * reuse may take the second one for a theft, and end a grant that could not be renewed anyway. Default: `retry-once`.
   */
  readonly whenInDoubt?: 'retry-once' | 'sign-in';
  /**
   * The origins that a token source may send access tokens to: each exactly scheme, host and port, such as
   * `https://api.example.com`. Default: none.
   */
  readonly apiOrigins?: readonly string[];
  /**
   * What an answer may name as the address of the API (`api_domain`, as Zoho sends it), compared exactly. An answer that names
   * another is refused, and what it holds is not stored: that address decides where access tokens go. Default: any.
   */
  readonly apiDomains?: readonly string[];
  /**
   * How far apart two renewals of one refresh token should be, in milliseconds, where the server allows only so many: see
   * {@link Renewal.intervalMs}. Default: 5000.
   */
  readonly renewalIntervalMs?: number;
  /** How a client with a secret authenticates that does not say it itself (RFC 6749 §2.3.1). Default: `client_secret_basic`. */
  readonly clientAuthentication?: 'client_secret_basic' | 'client_secret_post';
}
