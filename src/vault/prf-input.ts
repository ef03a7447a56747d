import type { Bytes } from '../core/bytes.ts';
import { fromHex } from '../core/hex.ts';
import { concat } from '../crypto/concat.ts';
import { labels } from '../crypto/labels.ts';

/** What the passkeys of a vault are asked for. All of one vault get the same, so that one prompt serves for any of them. */
export async function prfInput(storeId: string): Promise<Bytes> {
  const input = concat(new TextEncoder().encode(labels.prf), fromHex(storeId));
  return new Uint8Array(await crypto.subtle.digest('SHA-256', input));
}
