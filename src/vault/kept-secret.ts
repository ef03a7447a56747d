import type { WebCryptoKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { slotKeyMaterial } from './slot-key-material.ts';
import type { SlotContext, SlotRow } from './slot-method.ts';

/** A new random secret, as a key that script can use and not read. */
export function newKeptSecret(): Promise<WebCryptoKey> {
  return slotKeyMaterial(crypto.getRandomValues(new Uint8Array(32)));
}

/**
 * The slot that is opened by a secret of this browser, and that secret.
 *
 * @throws `E_NO_ROOT` when the browser has lost it.
 */
export function keptSecret({ rows: [row] }: SlotContext): { readonly row: SlotRow; readonly ikm: WebCryptoKey } {
  if (row?.secret !== undefined) return { row, ikm: row.secret };
  throw new TokenkeepError(
    'E_NO_ROOT',
    'this browser has lost its key; open the vault in another way, or reset it and sign in again',
  );
}
