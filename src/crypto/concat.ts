import type { Bytes } from '../core/bytes.ts';

/** The parts, one behind the other. A number is one byte; `uint` writes longer ones. */
export function concat(...parts: readonly (Uint8Array | number)[]): Bytes {
  const length = parts.reduce<number>((sum, part) => sum + (typeof part === 'number' ? 1 : part.length), 0);
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    if (typeof part === 'number') joined[offset++] = part;
    else {
      joined.set(part, offset);
      offset += part.length;
    }
  }
  return joined;
}
