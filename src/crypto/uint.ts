import type { Bytes } from '../core/bytes.ts';

/** A non-negative safe integer as `width` bytes, the most significant first. */
export function uint(value: number, width: 2 | 4 | 8): Bytes {
  const bytes = new Uint8Array(width);
  let rest = value;
  for (let i = width - 1; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}
