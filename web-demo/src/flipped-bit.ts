import { hexadecimal } from './hexadecimal.ts';

/** One changed bit of a record's sealed bytes. */
export interface FlippedBit {
  /** Counted from the first byte of the envelope. */
  readonly offset: number;
  /** The byte before the change. */
  readonly was: number;
}

/** The last bit of a byte amid the ciphertext. */
const [offset, bit] = [100, 1];
/** Every tab knows of it, after a reload too: a record that does not open for another reason is not to be "put back". */
const storageKey = 'tokenkeep-demo-flipped';

/** The bit that was flipped here and not put back, if these bytes are the ones. */
export function flippedBit(sealed: Uint8Array): FlippedBit | undefined {
  if (localStorage.getItem(storageKey) !== nameOf(sealed)) return undefined;
  return { offset, was: (sealed[offset] ?? 0) ^ bit };
}

/** The same bytes with the bit flipped, or put back. */
export function toggled(sealed: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return sealed.map((byte, i) => (i === offset ? byte ^ bit : byte));
}

/** Remembers that the bit of these bytes is flipped. */
export function rememberFlip(sealed: Uint8Array): void {
  localStorage.setItem(storageKey, nameOf(sealed));
}

/** Remembers no flipped bit any more. */
export function forgetFlip(): void {
  localStorage.removeItem(storageKey);
}

/** The IV: no two writes share one, and the flipped bit is not in it. */
function nameOf(sealed: Uint8Array): string {
  return hexadecimal(sealed.subarray(22, 34));
}
