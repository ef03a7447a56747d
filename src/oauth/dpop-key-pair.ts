import type { WebCryptoKey } from '../core/keyring.ts';

/**
 * The key that tokens are bound to (RFC 9449): ECDSA on P-256, whose private half need not be extractable. Make one for
 * each sign-in with `crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])` and
 * keep it as long as the token: without it, the token is worth nothing.
 */
export interface DpopKeyPair {
  readonly publicKey: WebCryptoKey;
  readonly privateKey: WebCryptoKey;
}
