import type { Bytes } from '../core/bytes.ts';
import type { WebCryptoKey } from '../core/keyring.ts';
import { slotKeyMaterial } from './slot-key-material.ts';

/** How many iterations of PBKDF2 a slot may ask for: no fewer than OWASP asks for, no more than anybody would wait for. */
export const iterationLimits = { least: 600_000, most: 10_000_000 } as const;

const wantedMs = 375;
/** Clocks may be as coarse as 100 ms, and may show no time at all for the least work. */
const shortestMs = 40;

/** What PBKDF2-SHA-256 makes of a passphrase. Three Web Crypto calls, one of which is slow on purpose. */
export async function passphraseKey(passphrase: Bytes, salt: Bytes, iterations: number): Promise<WebCryptoKey> {
  const key = await crypto.subtle.importKey('raw', passphrase, 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, 256);
  return slotKeyMaterial(new Uint8Array(bits));
}

/**
 * How many iterations take this computer 250 to 500 ms, and never fewer than the least.
 *
 * @param clock in milliseconds. Default `performance.now`.
 */
export async function passphraseIterations(clock: () => number = () => performance.now()): Promise<number> {
  const { least, most } = iterationLimits;
  const begun = clock();
  await passphraseKey(new Uint8Array(16), new Uint8Array(32), least);
  const iterations = Math.round((least * wantedMs) / Math.max(clock() - begun, shortestMs));
  return Math.min(Math.max(iterations, least), most);
}
