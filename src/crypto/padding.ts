import type { Bytes } from '../core/bytes.ts';

const bucket = 256;

/** ISO 7816-4: one byte `80`, then zeros up to the next multiple of 256, so that the length says little of the content. */
export function pad(payload: Uint8Array): Bytes {
  const padded = new Uint8Array((Math.floor(payload.length / bucket) + 1) * bucket);
  padded.set(payload);
  padded[payload.length] = 0x80;
  return padded;
}

/** The payload again, or `undefined` when the padding is malformed. */
export function unpad(padded: Bytes): Bytes | undefined {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  return padded[end] === 0x80 ? padded.slice(0, end) : undefined;
}
