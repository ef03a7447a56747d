import { expect } from 'vitest';
import { fromBase64url, toBase64url } from '../../src/core/base64url.ts';
import type { DpopKeyPair } from '../../src/oauth/index.ts';

/** What a proof of possession says (RFC 9449 §4.2). */
export interface Proof {
  readonly htm: string;
  readonly htu: string;
  readonly iat: number;
  readonly jti: string;
  readonly nonce?: string;
  readonly ath?: string;
}

/** A key that never leaves this runtime. */
export function newKeyPair(algorithm: object = { name: 'ECDSA', namedCurve: 'P-256' }): Promise<DpopKeyPair> {
  return crypto.subtle.generateKey(algorithm as EcKeyGenParams, false, ['sign', 'verify']) as Promise<DpopKeyPair>;
}

/** The SHA-256 of a text, as proofs write it. */
export async function hashOf(text: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
}

/** Reads a proof, after checking that this very key signed it and that it gives no private part of the key away. */
export async function readProof(jwt: string | null, { publicKey }: DpopKeyPair): Promise<Proof> {
  const parts = (jwt ?? '').split('.');
  const bytes = parts.map((part) => fromBase64url(part) ?? new Uint8Array());
  const [header, proof] = bytes.slice(0, 2).map((part) => JSON.parse(new TextDecoder().decode(part)));
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  expect(header).toEqual({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } });
  const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  expect(await crypto.subtle.verify(algorithm, publicKey, bytes[2] as Uint8Array<ArrayBuffer>, signed)).toBe(true);
  return proof;
}
