import { toHex } from '../core/hex.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { makeSlot } from './make-slot.ts';
import { newRoot, nextKeyringRow, openKeys } from './open-keys.ts';
import { rootWrappingKey } from './root-wrapping-key.ts';
import { generateSealableKey } from './sealed-key.ts';
import type { SlotInfo, SlotMethod } from './slot-method.ts';
import { slotInfo } from './slot-row.ts';
import { vaultContent } from './vault-content.ts';
import type { VaultParts } from './vault-parts.ts';

const exists = (): TokenkeepError =>
  new TokenkeepError('E_CONFLICT', 'there is a vault already, of another tab perhaps; unlock that one');

/**
 * See {@link Vault.create}.
 *
 * @param times how often the vault had been locked when it was asked for.
 */
export async function createFirstSlot(parts: VaultParts, method: SlotMethod, times: number): Promise<SlotInfo> {
  const { place, lock, now, tell, emit } = parts;
  const { state } = await place.find();
  if (state === 'present') throw exists();
  if (state === 'lost') await place.present();
  const storage = place.storageOf(method.kind === 'session');
  const storeId = toHex(crypto.getRandomValues(new Uint8Array(16)));
  const { row, masterKey } = await makeSlot({
    kind: method.kind,
    masterKey: await generateSealableKey(),
    storage,
    createdAt: now(),
    secretOf: (salt) => method.enrol({ storeId, rows: [] }, salt),
  });
  const wrappingKey = await rootWrappingKey(masterKey);
  const added = await newRoot(wrappingKey);
  const { keyId } = added;
  const keyring = await nextKeyringRow(
    { row: { version: 1, storeId, revision: 0, primary: '', index: '', keys: [] }, wrappingKey },
    { state: { primary: keyId, index: keyId, keys: [{ keyId, status: 'enabled' }] }, wrappingKey, added },
  );
  const keys = await openKeys(wrappingKey, keyring);
  await storage.update((stored) => {
    if (vaultContent(stored).isUsable) throw exists();
    return { clear: true, keyring, slots: [row] };
  });
  place.moveTo(storage);
  tell('created');
  lock.unlock(keys, times);
  emit({ type: 'unlocked' });
  return slotInfo(row);
}
