import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { type KeyringRow, readKeyringRow } from './keyring-row.ts';
import type { SlotKind, SlotRow } from './slot-method.ts';
import { isSlotUsable, readSlotRow, slotKindOf } from './slot-row.ts';
import { mostSlots, type StoredVault } from './vault-storage.ts';

/** What is stored, taken apart. */
export interface VaultContent {
  /** Whether anything is stored, in whatever state. */
  readonly isPresent: boolean;
  /** Whether some slot might open it. */
  readonly isUsable: boolean;
  readonly slots: readonly SlotRow[];
  /** The kinds of which there is something that is no slot. */
  readonly damaged: readonly SlotKind[];
  /** @throws `E_FORMAT` or `E_VERSION` when what is there is no keyring. */
  keyring(): KeyringRow;
}

/** Takes apart what was found. Never throws. */
export function vaultContent({ keyring, slots }: StoredVault): VaultContent {
  const rows: SlotRow[] = [];
  const damaged: SlotKind[] = [];
  for (const slot of slots.slice(0, mostSlots)) {
    const row = readSlotRow(slot);
    const kind = slotKindOf((slot as { readonly id?: unknown } | null)?.id);
    if (row !== undefined) rows.push(row);
    else if (kind !== undefined) damaged.push(kind);
  }
  return {
    isPresent: keyring !== undefined || slots.length > 0,
    isUsable: isReadable(keyring) && rows.some(isSlotUsable),
    slots: rows,
    damaged,
    keyring: () => readKeyringRow(keyring),
  };
}

/** Whether a keyring can be read, by this release or by a later one. */
function isReadable(keyring: unknown): boolean {
  try {
    readKeyringRow(keyring);
    return true;
  } catch (error) {
    return error instanceof TokenkeepError && error.code === 'E_VERSION';
  }
}
