import { expect } from 'vitest';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { newKeptSecret } from '../../src/vault/kept-secret.ts';
import type { KeyringRow } from '../../src/vault/keyring-row.ts';
import type { SlotKind, SlotRow } from '../../src/vault/slot-method.ts';
import { mostSlots, type VaultStorage } from '../../src/vault/vault-storage.ts';

/** What every storage of a vault promises. */
export interface VaultStorageCase {
  readonly name: string;
  /** @param storage an empty one, and each time another access to the same. */
  run(storage: () => VaultStorage): Promise<void>;
}

const keyring = (revision: number): KeyringRow => ({
  version: 1,
  storeId: '0123456789abcdef0123456789abcdef',
  revision,
  primary: '01234567',
  index: '01234567',
  keys: [{ keyId: '01234567', status: 'enabled', wrapped: new Uint8Array(66).fill(revision) }],
});
const slot = (kind: SlotKind, fill = 1, id: string = kind): SlotRow => ({
  id,
  kind,
  createdAt: fill,
  blob: new Uint8Array(130).fill(fill),
});
const byId = (slots: readonly unknown[]) =>
  (slots as SlotRow[]).map(({ secret, ...row }) => row).sort((a, b) => (a.id < b.id ? -1 : 1));

export const vaultStorageCases: readonly VaultStorageCase[] = [
  {
    name: 'keeps nothing at first, then what was written, until it is cleared',
    async run(storage) {
      expect(await storage().read()).toEqual({ slots: [] });
      const passkey = {
        ...slot('passkey', 2, 'passkey/x'),
        credential: { id: new Uint8Array([7]), transports: ['usb'] },
      };
      const labelled = { ...slot('recovery'), label: 'printed' };
      await storage().update(() => ({ keyring: keyring(1), slots: [passkey, labelled] }));
      const read = await storage().read();
      expect(read.keyring).toEqual(keyring(1));
      expect(byId(read.slots)).toEqual([passkey, labelled]);
      await storage().update(() => ({ clear: true }));
      expect(await storage().read()).toEqual({ slots: [] });
    },
  },
  {
    name: 'clears before it writes, replaces slots by id, and removes one',
    async run(storage) {
      await storage().update(() => ({ keyring: keyring(1), slots: [slot('passphrase'), slot('recovery')] }));
      await storage().update(() => ({
        clear: true,
        keyring: keyring(2),
        slots: [slot('recovery', 2), slot('device')],
      }));
      await storage().update(() => ({ slots: [slot('recovery', 3)] }));
      let read = await storage().read();
      expect(read.keyring).toEqual(keyring(2));
      expect(byId(read.slots)).toEqual([slot('device'), slot('recovery', 3)]);
      await storage().update(() => ({ remove: 'device' }));
      read = await storage().read();
      expect(byId(read.slots)).toEqual([slot('recovery', 3)]);
    },
  },
  {
    name: 'keeps the secret of a slot with it, and no longer than the slot',
    async run(storage) {
      const secret = await newKeptSecret();
      await storage().update(() => ({ slots: [{ ...slot('device'), secret }, slot('recovery')] }));
      const [kept, other] = (await storage().read()).slots as [SlotRow, SlotRow];
      expect(kept.secret).toBeInstanceOf(CryptoKey);
      expect(kept.secret?.extractable).toBe(false);
      expect(other.secret).toBeUndefined();
      await storage().update(() => ({ remove: 'device' }));
      await storage().update(() => ({ slots: [slot('device')] }));
      expect(((await storage().read()).slots[0] as SlotRow).secret).toBeUndefined();
    },
  },
  {
    name: 'shows what is there to whoever writes, and writes nothing when he refuses',
    async run(storage) {
      await storage().update(() => ({ keyring: keyring(1), slots: [slot('recovery')] }));
      const refusal = new TokenkeepError('E_CONFLICT', 'too late; try again');
      const writing = storage().update(({ keyring: found, slots }) => {
        expect([found, byId(slots)]).toEqual([keyring(1), [slot('recovery')]]);
        throw refusal;
      });
      await expect(writing).rejects.toBe(refusal);
      await storage().update(() => ({}));
      expect((await storage().read()).keyring).toEqual(keyring(1));
    },
  },
  {
    name: 'lets of several who begin at once one after the other write',
    async run(storage) {
      const count = 6;
      await Promise.all(
        Array.from({ length: count }, () =>
          storage().update(({ keyring: found }) => ({ keyring: keyring(((found as KeyringRow)?.revision ?? 0) + 1) })),
        ),
      );
      expect(((await storage().read()).keyring as KeyringRow).revision).toBe(count);
    },
  },
  {
    name: 'gives a key back that does what it did, and keeps nothing of it',
    async run(storage) {
      const key = await newKeptSecret();
      const derive = async (from: CryptoKey) =>
        new Uint8Array(
          await crypto.subtle.deriveBits(
            { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: new Uint8Array() },
            from,
            256,
          ),
        );
      expect(await derive(await storage().roundTrip(key))).toEqual(await derive(key));
      expect(await storage().read()).toEqual({ slots: [] });
    },
  },
  {
    name: 'reads no more slots than a vault may have, and one',
    async run(storage) {
      const many = Array.from({ length: 100 }, (_, i) => slot('passkey', 1, `passkey/${i}`));
      await storage().update(() => ({ slots: many }));
      const { slots } = await storage().read();
      expect(slots.length).toBeGreaterThan(mostSlots);
      expect(slots.length).toBeLessThanOrEqual(100);
    },
  },
];
