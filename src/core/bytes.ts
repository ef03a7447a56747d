/** Bytes over an `ArrayBuffer` of their own, the only kind that Web Crypto, D1 and IndexedDB all accept. */
export type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Whether two byte strings are equal. The time taken depends on their lengths alone, so that comparing a secret
 * tells nothing about where the first difference is.
 */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= (left[i] as number) ^ (right[i] as number);
  return difference === 0;
}
