/**
 * What must be remembered between {@link authorize} and {@link exchange}: plain JSON. Keep it sealed, give it to one
 * callback only and no longer than the user needs to sign in; whoever has it can complete the sign-in.
 */
export interface Transaction {
  /** Ties the callback to this sign-in (RFC 6749 §10.12). */
  readonly state: string;
  /** Ties the ID token to this sign-in; absent without the scope `openid`. */
  readonly nonce?: string;
  /** The secret of PKCE (RFC 7636 §4.1). */
  readonly codeVerifier: string;
  /** The server the browser was sent to: a code is redeemed nowhere else (RFC 9700 §4.4). */
  readonly issuer: string;
  /** The redirect URL of the authorization request, which the exchange has to repeat (RFC 6749 §4.1.3). */
  readonly redirectUrl: string;
}
