import type { Renewal } from '../core/renewal.ts';
import type { DpopKeyPair } from './dpop-key-pair.ts';
import { type DpopProofs, dpopProofs } from './dpop-proofs.ts';
import { dpopSend } from './dpop-send.ts';

/** Proof of possession for {@link OAuthClient.dpop}. A client without it carries none of its code. */
export interface Dpop {
  /** The proofs of one call to the authorization server. */
  proofs(now: () => number): DpopProofs;
  /** Presents an access token to an API. */
  send(now: () => number): NonNullable<Renewal['send']>;
}

/**
 * Binds a client's tokens to a key (RFC 9449): `{ …, dpop: dpop(keyPair) }`.
 *
 * Concurrency: may be shared by any number of calls.
 *
 * @throws `E_CONFIG` when the key is not one for ES256.
 */
export function dpop(keyPair: DpopKeyPair): Dpop {
  dpopProofs(keyPair, Date.now);
  return { proofs: (now) => dpopProofs(keyPair, now), send: (now) => dpopSend(keyPair, now) };
}
