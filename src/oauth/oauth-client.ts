import type { Dpop } from './dpop.ts';
import type { Provider } from './provider.ts';

/** This application at the token endpoint of one authorization server: enough to redeem a grant token, to renew and to revoke. */
export interface TokenClient {
  readonly provider: Provider;
  readonly clientId: string;
  /** Never in a browser: a page is a public client. */
  readonly clientSecret?: string;
  /**
   * How the client authenticates (RFC 6749 §2.3). Default: with a secret as the provider says, `none` without one.
   * GitHub and Zoho want `client_secret_post`.
   */
  readonly clientAuthentication?: 'client_secret_basic' | 'client_secret_post' | 'none';
  /** Where the server sends the browser back to, exactly as it is registered there. */
  readonly redirectUrl?: string;
  /** With `openid` the server identifies the user, and the token gets a user name. */
  readonly scope?: readonly string[];
  /**
   * The API that the tokens are for (RFC 8707 §2): an absolute URI without a fragment. It is asked for with every request
   * and kept as a part of the token's identity. A client for each API; a renewal asks for the API of its token.
   * Default: the server decides.
   */
  readonly resource?: string;
  /**
   * The key that the server binds tokens to, so that nobody can use them without it (RFC 9449): `dpop(keyPair)`. A token
   * that is not bound to it is refused. Default: bearer tokens.
   */
  readonly dpop?: Dpop;
}

/** This application as one authorization server knows it, with all that a sign-in in a browser takes. */
export interface OAuthClient extends TokenClient {
  readonly redirectUrl: string;
  readonly scope: readonly string[];
}
