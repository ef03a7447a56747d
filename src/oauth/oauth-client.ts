import type { Dpop } from './dpop.ts';
import type { Provider } from './provider.ts';

/** This application as one authorization server knows it. */
export interface OAuthClient {
  readonly provider: Provider;
  readonly clientId: string;
  /** Never in a browser: a page is a public client. */
  readonly clientSecret?: string;
  /**
   * How the client authenticates (RFC 6749 §2.3). Default: `client_secret_basic` with a secret, `none` without one.
   * GitHub and Zoho want `client_secret_post`.
   */
  readonly clientAuthentication?: 'client_secret_basic' | 'client_secret_post' | 'none';
  /** Where the server sends the browser back to, exactly as it is registered there. */
  readonly redirectUrl: string;
  /** With `openid` the server identifies the user, and the token gets a user name. */
  readonly scope: readonly string[];
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
