import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { readRecoveryCode } from './recovery-code.ts';
import { slotKeyMaterial } from './slot-key-material.ts';
import type { SlotMethod, SlotRow } from './slot-method.ts';

/**
 * Opens the vault for whoever has a printed code of `generateRecoveryCode()`. It cannot be guessed, so that nothing has to be slow.
 *
 * @param code as it was typed: case, spaces and hyphens do not matter, nor O for 0, or I and L for 1.
 * @throws `E_INPUT` when the code was mistyped: a checksum tells that before anything is tried.
 */
export function recoverySlot(code: string): SlotMethod {
  const secret = readRecoveryCode(code);
  const material = () => slotKeyMaterial(secret.slice());
  return {
    kind: 'recovery',
    enrol: async () => ({ ikm: await material() }),
    recall: async ({ rows }) => ({ row: rows[0] as SlotRow, ikm: await material() }),
    mismatch: () =>
      new TokenkeepError('E_PASSPHRASE', 'this is not the recovery code of the vault; look for a later one'),
  };
}
