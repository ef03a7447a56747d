import { equalBytes } from '../core/bytes.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { makeSlot } from './make-slot.ts';
import { recallSlot } from './recall-slot.ts';
import type { SlotInfo, SlotMethod, SlotRow } from './slot-method.ts';
import { isSlotUsable, slotInfo } from './slot-row.ts';
import { type VaultContent, vaultContent } from './vault-content.ts';
import type { VaultParts } from './vault-parts.ts';
import { mostSlots } from './vault-storage.ts';

const changed = (): TokenkeepError =>
  new TokenkeepError('E_CONFLICT', 'another tab has changed the slots of the vault; look at them again');

/** A slot that is there as it was when it gave the master key: then that one is the vault's still. */
export function requireUnchanged(present: VaultContent, { id, blob }: SlotRow): void {
  if (!present.slots.some((slot) => slot.id === id && equalBytes(slot.blob, blob))) throw changed();
}

/** See {@link Vault.addSlot}. */
export async function addSlot(parts: VaultParts, method: SlotMethod, by: SlotMethod): Promise<SlotInfo> {
  const { place, now, tell } = parts;
  if (method.kind === 'session') {
    throw new TokenkeepError('E_INPUT', 'a session cannot be added to a vault; create the vault with it');
  }
  const content = await place.present();
  const { keyring, slots } = content;
  if (slots.length >= mostSlots) throw new TokenkeepError('E_INPUT', 'the vault has too many slots; remove one first');
  const rows = slots.filter(({ kind }) => kind === method.kind);
  if (method.kind !== 'passkey' && rows.length > 0) throw alreadyThere(method);
  const { row: opener, masterKey } = await recallSlot(by, content, 'wrap');
  const storage = place.storageOf(false);
  const { row } = await makeSlot({
    kind: method.kind,
    masterKey,
    storage,
    createdAt: now(),
    secretOf: (salt) => method.enrol({ storeId: keyring().storeId, rows }, salt),
  });
  const session = place.isSession() ? await place.present() : undefined;
  await storage.update((stored) => {
    const present = vaultContent(stored);
    requireUnchanged(session ?? present, opener);
    if (session !== undefined) {
      // the session's vault becomes the stored one: nothing may be there
      if (present.isUsable) throw changed();
      return { clear: true, keyring: session.keyring(), slots: [row] };
    }
    if (present.slots.some(({ id }) => id === row.id)) throw alreadyThere(method);
    return { slots: [row] };
  });
  if (session !== undefined) place.moveTo(storage);
  tell('slots-changed');
  return slotInfo(row);
}

function alreadyThere({ kind }: SlotMethod): TokenkeepError {
  return new TokenkeepError('E_CONFLICT', `the vault has this ${kind} slot already; remove it first, or leave it`);
}

/** See {@link Vault.removeSlot}. */
export async function removeSlot({ place, tell }: VaultParts, id: string): Promise<void> {
  await place.present();
  await place.storage().update((stored) => {
    const { slots } = vaultContent(stored);
    if (!slots.some((slot) => slot.id === id)) {
      throw new TokenkeepError('E_INPUT', 'the vault has no such slot; look at slots() again');
    }
    if (!slots.some((slot) => slot.id !== id && isSlotUsable(slot))) {
      throw new TokenkeepError('E_INPUT', 'this is the last slot of the vault; add another one first, or reset it');
    }
    return { remove: id };
  });
  tell('slots-changed');
}
