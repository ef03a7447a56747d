import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { keyringAfter } from '../crypto/keyring-after.ts';
import { requireUnchanged } from './change-slots.ts';
import { type MadeSlot, makeSlot } from './make-slot.ts';
import { newRoot, nextKeyringRow, openKeys } from './open-keys.ts';
import { type RecalledSlot, recallSlot } from './recall-slot.ts';
import { rootWrappingKey } from './root-wrapping-key.ts';
import { generateSealableKey } from './sealed-key.ts';
import type { NewSlot, SlotInfo, SlotMethod, SlotRow } from './slot-method.ts';
import { slotInfo } from './slot-row.ts';
import { type VaultContent, vaultContent } from './vault-content.ts';
import type { VaultParts } from './vault-parts.ts';
import { mostSlots } from './vault-storage.ts';

/** See {@link Vault.rekey}. */
export async function rekeyVault(
  parts: VaultParts,
  by: SlotMethod,
  slots: readonly SlotMethod[],
): Promise<readonly SlotInfo[]> {
  const { place, lock, tell } = parts;
  requireSlots(slots, place.isSession());
  const content = await place.present();
  const opener = await recallSlot(by, content, 'open');
  const before = content.keyring();
  const unwrappingKey = await rootWrappingKey(opener.masterKey);

  const made = await newSlots(parts, content, { by, opener, slots });
  const wrappingKey = await rootWrappingKey((made[0] as MadeSlot).masterKey);
  const added = await newRoot(wrappingKey);
  const { keyId } = added;
  const state = keyringAfter(keyringAfter(before, { kind: 'add', keyId }), { kind: 'promote', keyId });
  const row = await nextKeyringRow({ row: before, wrappingKey: unwrappingKey }, { state, wrappingKey, added });
  const keys = await openKeys(wrappingKey, row);

  let removed: readonly SlotInfo[] = [];
  await place.storage().update((stored) => {
    const present = vaultContent(stored);
    requireUnchanged(present, opener.row);
    if (present.keyring().revision !== before.revision) {
      throw new TokenkeepError('E_CONFLICT', 'another tab has changed the keys of the vault; try again');
    }
    removed = present.slots.filter(({ id }) => !made.some((slot) => slot.row.id === id)).map(slotInfo);
    return { clear: true, keyring: row, slots: made.map((slot) => slot.row) };
  });
  lock.replace(keys);
  tell('slots-changed');
  tell('keys-changed');
  return removed;
}

function requireSlots(slots: readonly SlotMethod[], isSession: boolean): void {
  const kinds = slots.map(({ kind }) => kind).filter((kind) => kind !== 'passkey');
  if (slots.length === 0 || slots.length > mostSlots || new Set(kinds).size !== kinds.length) {
    throw new TokenkeepError('E_INPUT', 'name one slot of each kind that is to open the vault, or several passkeys');
  }
  if (isSession ? kinds.length !== 1 || kinds[0] !== 'session' : kinds.includes('session')) {
    throw new TokenkeepError('E_INPUT', 'a session opens a vault in memory alone; add another slot to it first');
  }
}

async function newSlots(
  { place, now }: VaultParts,
  content: VaultContent,
  { by, opener, slots }: { by: SlotMethod; opener: RecalledSlot; slots: readonly SlotMethod[] },
): Promise<readonly MadeSlot[]> {
  const { storeId } = content.keyring();
  const masterKey = await generateSealableKey();
  const made: MadeSlot[] = [];
  for (const method of slots) {
    // a passkey gives the same secret again: those that are there are used, and the user need not make others
    const passkeys = content.slots.filter(
      ({ kind, id }) => kind === 'passkey' && !made.some(({ row }) => row.id === id),
    );
    const isPresent = method.kind === 'passkey' && passkeys.length > 0;
    const recalled = async (): Promise<NewSlot> =>
      renewed(
        method === by && passkeys.includes(opener.row)
          ? opener
          : await recallSlot(method, { ...content, slots: passkeys }, 'open'),
      );
    const slot = await makeSlot({
      kind: method.kind,
      masterKey,
      storage: place.storage(),
      createdAt: now(),
      secretOf: (salt) => (isPresent ? recalled() : method.enrol({ storeId, rows: [] }, salt)),
    });
    made.push(slot);
  }
  return made;
}

function renewed({ ikm, row }: { readonly ikm: RecalledSlot['ikm']; readonly row: SlotRow }): NewSlot {
  const { label, credential } = row;
  return { ikm, ...(label !== undefined && { label }), ...(credential && { credential }) };
}
