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
}
