import { openKeys } from './open-keys.ts';
import { recallSlot } from './recall-slot.ts';
import { refreshKeys } from './refresh-keys.ts';
import { rootWrappingKey } from './root-wrapping-key.ts';
import type { SlotInfo, SlotMethod } from './slot-method.ts';
import { slotInfo } from './slot-row.ts';
import type { VaultParts } from './vault-parts.ts';

/**
 * See {@link Vault.unlock}.
 *
 * @param times how often the vault had been locked when it was asked for.
 */
export async function unlockSlot(parts: VaultParts, method: SlotMethod, times: number): Promise<SlotInfo> {
  const { place, lock, changes, emit } = parts;
  const before = changes();
  const content = await place.present();
  const { row, masterKey } = await recallSlot(method, content, 'open');
  const keys = await openKeys(await rootWrappingKey(masterKey), content.keyring());
  lock.unlock(keys, times);
  // the user may have taken his time, and a tab that was locked does not listen
  if (changes() !== before) {
    await refreshKeys(parts).catch((error: unknown) => {
      if (!lock.isUnlocked()) throw error;
    });
  }
  emit({ type: 'unlocked' });
  return slotInfo(row);
}
