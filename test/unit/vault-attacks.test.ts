import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import type { KeyringRow, WrappedKey } from '../../src/vault/keyring-row.ts';
import { memoryVaultStorage } from '../../src/vault/memory-vault-storage.ts';
import { generateRecoveryCode } from '../../src/vault/recovery-code.ts';
import { recoverySlot } from '../../src/vault/recovery-slot.ts';
import type { SlotRow } from '../../src/vault/slot-method.ts';
import type { Vault } from '../../src/vault/vault.ts';
import type { StoredVault, VaultStorage } from '../../src/vault/vault-storage.ts';
import { expectCode } from '../support/expect-code.ts';
import { vaultInMemory } from '../support/vault-in-memory.ts';
import { withoutWaiting } from '../support/without-waiting.ts';

const recovery = recoverySlot(generateRecoveryCode());
const unusable = ['E_FORMAT', 'E_VERSION', 'E_AUTH', 'E_PASSPHRASE', 'E_NO_ROOT'];
let storage: VaultStorage;
let vault: Vault;
let stored: { keyring: KeyringRow; slots: readonly SlotRow[] };

beforeEach(async () => {
  storage = memoryVaultStorage();
  vault = vaultInMemory(storage);
  await vault.create(recovery);
  await withoutWaiting(() => vault.addKey());
  stored = (await storage.read()) as typeof stored;
});
afterEach(() => vault.close());

/** How a vault that finds this opens, in a tab that has seen nothing before. */
async function opening(found: StoredVault): Promise<string> {
  const altered: VaultStorage = { ...storage, read: async () => found };
  const tab = vaultInMemory(altered);
  try {
    await tab.unlock(recovery);
    return tab.keyring.sealingRoot().keyId;
  } catch (error) {
    expect(error).toBeInstanceOf(TokenkeepError);
    return (error as TokenkeepError).code;
  } finally {
    tab.close();
  }
}
const withSlot = (change: object): StoredVault => ({ ...stored, slots: [{ ...stored.slots[0], ...change }] });
const withKeyring = (change: object): StoredVault => ({ ...stored, keyring: { ...stored.keyring, ...change } });
const withKey = (at: number, change: object): StoredVault =>
  withKeyring({ keys: stored.keyring.keys.map((key, i) => (i === at ? { ...key, ...change } : key)) });

/** The bytes with one bit of one byte flipped, for each byte; which bit differs from byte to byte. */
function* flipped(bytes: Uint8Array): Iterable<[number, Uint8Array]> {
  for (let at = 0; at < bytes.length; at++)
    yield [at, bytes.map((byte, i) => (i === at ? byte ^ (1 << (at % 8)) : byte))];
}

describe('case 55: a database that was altered', () => {
  test('opens as it was', async () => {
    expect(await opening(stored)).toBe(vault.keyring.sealingRoot().keyId);
  });

  test('gives a typed error for each byte of a slot, and never a key', async () => {
    const seen = new Set<string>();
    for (const [at, blob] of flipped((stored.slots[0] as SlotRow).blob)) {
      const outcome = await opening(withSlot({ blob }));
      expect(unusable, `byte ${at}`).toContain(outcome);
      seen.add(outcome);
      if (at >= 6 && at < 82) expect(outcome, `byte ${at}`).toBe('E_PASSPHRASE');
      if (at >= 82) expect(outcome, `byte ${at}`).toBe('E_AUTH');
    }
    expect(seen.size).toBeGreaterThan(2);
  });

  test('gives a typed error for each byte of each wrapped root, and never a key', async () => {
    for (const [i, { wrapped }] of stored.keyring.keys.entries()) {
      for (const [at, changed] of flipped(wrapped)) {
        const outcome = await opening(withKey(i, { wrapped: changed }));
        expect(['E_AUTH', 'E_FORMAT', 'E_VERSION'], `key ${i}, byte ${at}`).toContain(outcome);
      }
    }
  });

  test('cannot make another key the primary one, bring one back, or change anything else that is in the clear', async () => {
    const { keyring } = stored;
    const [first, second] = keyring.keys as [WrappedKey, WrappedKey];
    const other = '0'.repeat(32);
    for (const change of [
      { storeId: other },
      { revision: keyring.revision + 1 },
      { revision: keyring.revision - 1 },
      { primary: first.keyId },
      { index: first.keyId },
      { primary: first.keyId, index: first.keyId },
      { keys: [second, first] },
      { keys: [second] },
      { keys: [first, second, second] },
      { keys: [{ ...first, wrapped: second.wrapped }, second] },
      { keys: [{ ...first, status: 'disabled' }, second] },
      { keys: [{ ...first, status: 'pending' }, second] },
      { keys: [first, { ...second, keyId: first.keyId }] },
      { keys: [] },
    ]) {
      expect(['E_AUTH', 'E_FORMAT', 'E_KEYRING'], JSON.stringify(Object.keys(change))).toContain(
        await opening(withKeyring(change)),
      );
    }
  });

  test.each([
    ['no keyring', { slots: [] }],
    ['of another type', { keyring: 7 }],
    ['a text for the version', { keyring: { version: '1' } }],
    ['a fraction for the revision', { revision: 1.5 }],
    ['zero for the revision', { revision: 0 }],
    ['a store id of other digits', { storeId: 'G'.repeat(32) }],
    ['a store id with a line break', { storeId: `${'a'.repeat(31)}\n` }],
    ['a short primary', { primary: 'abc' }],
    ['a long index', { index: 'a'.repeat(9) }],
    ['keys that are no list', { keys: {} }],
    ['more keys than a vault makes', { keys: Array(65).fill({}) }],
    ['a key that is null', { keys: [null] }],
    ['an unknown status', 'status'],
    ['an inherited name for a status', 'toString'],
    ['a wrapped key of another length', 'wrapped'],
  ])('with %s in place of its keyring has no keys to lose any more', async (_, change) => {
    const found =
      change === 'status' || change === 'toString'
        ? withKey(0, { status: change })
        : change === 'wrapped'
          ? withKey(0, { wrapped: new Uint8Array(65) })
          : 'keyring' in (change as object) || 'slots' in (change as object)
            ? { ...stored, keyring: undefined, ...(change as object) }
            : withKeyring(change as object);
    expect(await opening(found)).toMatch(/^E_(NO_ROOT|INPUT)$/);
  });

  test('says so when it is of a later release, and is not overwritten', async () => {
    const later: VaultStorage = { ...storage, read: async () => withKeyring({ version: 2, keys: 'other' }) };
    const tab = vaultInMemory(later);
    expect(await tab.state()).toBe('locked');
    await expectCode('E_VERSION', tab.unlock(recovery));
    await expectCode('E_CONFLICT', tab.create(recovery));
    tab.close();
  });

  test('with slots that are none beside it opens by those that are', async () => {
    const planted = [null, 7, {}, { id: 'device' }, { id: 'passkey/x', kind: 'passkey', createdAt: 0, blob: 'x' }];
    expect(await opening({ ...stored, slots: [...planted, ...stored.slots] })).toMatch(/^[0-9a-f]{8}$/);
    const tab = vaultInMemory({ ...storage, read: async () => ({ ...stored, slots: [...planted, ...stored.slots] }) });
    expect(await tab.slots()).toEqual(await vault.slots());
    await expectCode('E_FORMAT', tab.unlock(deviceSlot()));
    tab.close();
  });

  test('with a thousand planted slots makes nobody work for them', async () => {
    const planted = Array.from({ length: 1000 }, (_, i) => ({
      ...stored.slots[0],
      id: `passkey/${i}`,
      kind: 'passkey',
    }));
    const derive = vi.spyOn(crypto.subtle, 'deriveBits');
    expect(await opening({ ...stored, slots: [...stored.slots, ...planted] })).toMatch(/^[0-9a-f]{8}$/);
    expect(derive.mock.calls.length).toBe(1 + stored.keyring.keys.length);
    expect(await opening({ ...stored, slots: [...stored.slots, ...stored.slots] })).toMatch(/^[0-9a-f]{8}$/);
    derive.mockRestore();
  });

  test('cannot put the slot of another vault in the place of its own', async () => {
    const other = memoryVaultStorage();
    const theirs = vaultInMemory(other);
    await theirs.create(recovery);
    theirs.close();
    const { slots, keyring } = await other.read();
    expect(await opening({ ...stored, slots })).toBe('E_AUTH');
    expect(await opening({ ...stored, keyring })).toBe('E_AUTH');
  });

  test('cannot take a tab back to a keyring before the one it has seen', async () => {
    const before = (await storage.read()).keyring as KeyringRow;
    await withoutWaiting(() => vault.addKey());
    await storage.update(() => ({ keyring: before }));
    await expectCode('E_LOCKED', vault.keyring.refresh?.() as Promise<void>);
    expect(await vault.state()).toBe('locked');
  });
});
