import type { KeyringRow } from './keyring-row.ts';
import type { SlotRow } from './slot-method.ts';
import type { VaultStorage } from './vault-storage.ts';

/** Keeps a vault in the memory of this tab. */
export function memoryVaultStorage(): VaultStorage {
  let keyring: KeyringRow | undefined;
  const slots = new Map<string, SlotRow>();
  const present = () => ({ ...(keyring && { keyring }), slots: [...slots.values()] });
  return {
    read: async () => present(),
    async update(change) {
      const write = change(present());
      if (write.clear) {
        keyring = undefined;
        slots.clear();
      }
      keyring = write.keyring ?? keyring;
      for (const slot of write.slots ?? []) slots.set(slot.id, slot);
      if (write.remove !== undefined) slots.delete(write.remove);
    },
    roundTrip: async (key) => key,
  };
}
