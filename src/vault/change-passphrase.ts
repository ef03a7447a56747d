import { requireUnchanged } from './change-slots.ts';
import { deviceSlot } from './device-slot.ts';
import { makeSlot } from './make-slot.ts';
import { passphraseSlot } from './passphrase-slot.ts';
import { recallSlot } from './recall-slot.ts';
import { rekeyVault } from './rekey-vault.ts';
import type { SlotInfo } from './slot-method.ts';
import { vaultContent } from './vault-content.ts';
import type { VaultParts } from './vault-parts.ts';

/** See {@link Vault.changePassphrase}. */
export async function changePassphrase(
  parts: VaultParts,
  current: string,
  next: string,
  rotate: boolean,
): Promise<readonly SlotInfo[]> {
  const { place, now, tell } = parts;
  const [by, method] = [passphraseSlot(current), passphraseSlot(next)];
  const content = await place.present();
  if (rotate) {
    const hasDevice = content.slots.some(({ kind }) => kind === 'device');
    return rekeyVault(parts, by, hasDevice ? [method, deviceSlot()] : [method]);
  }
  const { row: before, masterKey } = await recallSlot(by, content, 'wrap');
  const { row } = await makeSlot({
    kind: method.kind,
    masterKey,
    storage: place.storage(),
    createdAt: now(),
    secretOf: (salt) => method.enrol({ storeId: content.keyring().storeId, rows: [] }, salt),
  });
  await place.storage().update((stored) => {
    requireUnchanged(vaultContent(stored), before);
    return { slots: [row] };
  });
  tell('slots-changed');
  return [];
}
