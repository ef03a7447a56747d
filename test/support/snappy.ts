/**
 * Unpacks a block of Snappy (https://github.com/google/snappy/blob/main/format_description.txt), as browsers pack what is in IndexedDB.
 *
 * @returns `undefined` for what is no such block.
 */
export function unpackSnappy(packed: Uint8Array): Uint8Array | undefined {
  let at = 0;
  let length = 0;
  for (let shift = 0, more = true; more; shift += 7) {
    const byte = packed[at++];
    if (byte === undefined || shift > 28) return undefined;
    length += (byte & 127) * 2 ** shift;
    more = byte > 127;
  }
  if (length > packed.length * 100) return undefined; // no block is packed so well
  const unpacked = new Uint8Array(length);
  const number = (bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += (packed[at++] ?? 0) * 2 ** (8 * i);
    return value;
  };
  let end = 0;
  while (at < packed.length) {
    const tag = packed[at++] as number;
    const upper = tag >> 2;
    if ((tag & 3) === 0) {
      const count = (upper < 60 ? upper : number(upper - 59)) + 1;
      if (at + count > packed.length || end + count > length) return undefined;
      unpacked.set(packed.subarray(at, at + count), end);
      at += count;
      end += count;
      continue;
    }
    const isShort = (tag & 3) === 1;
    const count = isShort ? (upper & 7) + 4 : upper + 1;
    const back = isShort ? (tag >> 5) * 256 + number(1) : number((tag & 3) === 2 ? 2 : 4);
    if (back === 0 || back > end || end + count > length) return undefined;
    for (let i = 0; i < count; i++, end++) unpacked[end] = unpacked[end - back] as number;
  }
  return end === length ? unpacked : undefined;
}
