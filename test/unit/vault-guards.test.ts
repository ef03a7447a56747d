import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import { newKeptSecret } from '../../src/vault/kept-secret.ts';
import { keyLock } from '../../src/vault/key-lock.ts';
import { type KeyringRow, keyringRowState, type WrappedKey } from '../../src/vault/keyring-row.ts';
import { memoryVaultStorage } from '../../src/vault/memory-vault-storage.ts';
import { newRoot, nextKeyringRow, type OpenKeys, openKeys } from '../../src/vault/open-keys.ts';
import { passphraseSlot } from '../../src/vault/passphrase-slot.ts';
import { generateRecoveryCode } from '../../src/vault/recovery-code.ts';
import { recoverySlot } from '../../src/vault/recovery-slot.ts';
import { rootWrappingKey } from '../../src/vault/root-wrapping-key.ts';
import { slotKeyMaterial } from '../../src/vault/slot-key-material.ts';
import type { SlotMethod, SlotRow } from '../../src/vault/slot-method.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { mostSlots, type VaultStorage } from '../../src/vault/vault-storage.ts';
import { wrapRoot } from '../../src/vault/wrapped-root.ts';
import { expectCode } from '../support/expect-code.ts';
import { vaultInMemory } from '../support/vault-in-memory.ts';

const [device, recovery] = [deviceSlot(), recoverySlot(generateRecoveryCode())];
let storage: VaultStorage;
let vault: Vault;
let other: Vault;
const row = async () => (await storage.read()).keyring as KeyringRow;
const slotOf = async (kind: string) =>
  (await storage.read()).slots.find((slot) => (slot as SlotRow).kind === kind) as SlotRow;
/** The method, with something that happens while its user is asked. */
const meanwhile = (method: SlotMethod, work: () => Promise<unknown>): SlotMethod => ({
  ...method,
  async enrol(...args) {
    await work();
    return method.enrol(...args);
  },
});

beforeEach(async () => {
  storage = memoryVaultStorage();
  [vault, other] = [vaultInMemory(storage), vaultInMemory(storage)];
  await vault.create(recovery);
  await other.unlock(recovery);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vault.close();
  other.close();
});

describe('a vault refuses', () => {
  test('a slot of another type beside one that opens', async () => {
    await vault.addSlot(device, { by: recovery });
    const { secret, ...altered } = await slotOf('device');
    altered.blob[1] = 8;
    await storage.update(() => ({ slots: [{ ...altered, ...(secret && { secret }) }] }));
    await expectCode('E_FORMAT', vault.unlock(device));
    await vault.unlock(recovery);
  });

  test('a slot under the name of another kind', async () => {
    await storage.update(() => ({ slots: [{ ...({} as SlotRow), ...stolen, id: 'device' }] }));
    expect((await vault.slots()).map(({ id }) => id)).toEqual(['recovery']);
  });
  const stolen = { kind: 'recovery' as const, createdAt: 0, blob: new Uint8Array(130) };

  test('a secret that is no key of its own making', async () => {
    await vault.addSlot(device, { by: recovery });
    const slot = await slotOf('device');
    const usages: KeyUsage[] = ['deriveBits', 'deriveKey'];
    const bytes = new Uint8Array(32).fill(3);
    const strangers = [
      await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt']),
      await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, usages),
      await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveBits']),
      await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey']),
      { type: 'secret', extractable: false, algorithm: { name: 'HKDF' }, usages } as unknown as CryptoKey,
    ];
    // Firefox alone makes one
    const readable = await crypto.subtle.importKey('raw', bytes, 'HKDF', true, usages).catch(() => undefined);
    for (const secret of readable === undefined ? strangers : [...strangers, readable]) {
      await storage.update(() => ({ slots: [{ ...slot, secret }] }));
      await expectCode('E_NO_ROOT', vault.unlock(device));
    }
    const another = await newKeptSecret();
    await storage.update(() => ({ slots: [{ ...slot, secret: another }] }));
    await expectCode('E_AUTH', vault.unlock(device));
    expect(await vault.state()).toBe('unlocked');
  });

  test('a browser that gives another key back than it was given', async () => {
    vi.spyOn(storage, 'roundTrip').mockImplementation(newKeptSecret);
    const error = await expectCode('E_UNSUPPORTED', vault.addSlot(device, { by: recovery }));
    expect(error.message).toContain('passphrase');
    expect(await vault.slots()).toHaveLength(1);
  });

  test('more slots than it can keep in view', async () => {
    const passkeys = Array.from({ length: mostSlots }, (_, i): SlotRow => {
      const credential = { id: new Uint8Array([i]), transports: [] };
      return { ...stolen, id: `passkey/${i}`, kind: 'passkey', credential };
    });
    await storage.update(() => ({ slots: passkeys }));
    expect(await vault.slots()).toHaveLength(mostSlots);
    await expectCode('E_INPUT', vault.addSlot(device, { by: recovery }));
  });

  test('a passphrase in the place of one that another tab has changed', async () => {
    const first = passphraseSlot('the first', { iterations: 600_000 });
    await vault.addSlot(first, { by: recovery });
    const before = await slotOf('passphrase');
    let replaced = Promise.resolve();
    vi.spyOn(performance, 'now').mockReturnValue(0);
    vi.spyOn(crypto, 'getRandomValues').mockImplementationOnce((salt) => {
      // in the middle of the change: what it has read is no more
      vi.restoreAllMocks();
      replaced = storage.update(() => ({ slots: [{ ...before, blob: before.blob.map((byte) => byte ^ 1) }] }));
      return crypto.getRandomValues(salt);
    });
    await expectCode('E_CONFLICT', vault.changePassphrase('the first', 'the other'));
    await replaced;
    await storage.update(() => ({ slots: [before] }));
    await vault.unlock(first);
  });

  test('a new master key for slots that another tab has changed meanwhile', async () => {
    const change = async () => {
      await other.addSlot(device, { by: recovery });
      await other.removeSlot('recovery');
    };
    const rekeying = vault.rekey({ by: recovery, slots: [meanwhile(recovery, change)] });
    await expectCode('E_CONFLICT', rekeying);
    expect((await vault.slots()).map(({ id }) => id)).toEqual(['device']);
  });

  test('keys of a vault that was made anew in its place', async () => {
    await storage.update(() => ({ clear: true }));
    const anew = vaultInMemory(storage);
    await anew.create(recovery);
    expect((await row()).revision).toBe(1);
    await expectCode('E_LOCKED', vault.keyring.refresh?.() as Promise<void>);
    anew.close();
  });

  test('to write keys that were made while it was locked', async () => {
    const { wrapKey } = crypto.subtle;
    const wrapping = vi.spyOn(crypto.subtle, 'wrapKey').mockImplementation((...args) => {
      // the first one is for the new key, and the others are for the row
      if (wrapping.mock.calls.length === 2) vault.lock();
      return wrapKey.apply(crypto.subtle, args);
    });
    await expectCode('E_LOCKED', vault.addKey());
    expect((await row()).revision).toBe(1);
  });
});

test('a key is not used before others have had a moment to take notice of it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let isDone = false;
  const adding = vault.addKey().then(() => {
    isDone = true;
  });
  while (vi.getTimerCount() === 0) await vi.advanceTimersByTimeAsync(0);
  expect((await row()).keys[1]?.status).toBe('pending');
  await vi.advanceTimersByTimeAsync(299);
  expect([isDone, (await row()).keys[1]?.status]).toEqual([false, 'pending']);
  while (!isDone) await vi.advanceTimersByTimeAsync(1);
  await adding;
  expect((await row()).primary).toBe((await row()).keys[1]?.keyId);
});

describe('the keys of a vault', () => {
  const wrapping = async () => rootWrappingKey(await slotKeyMaterial(new Uint8Array(32).fill(9)));

  test('are refused when one is stored as another one', async () => {
    const wrappingKey = await wrapping();
    const [mine, theirs] = [await newRoot(wrappingKey), await newRoot(wrappingKey)];
    const { keyId } = mine;
    const found: KeyringRow = {
      version: 1,
      storeId: '0'.repeat(32),
      revision: 1,
      primary: keyId,
      index: keyId,
      keys: [{ keyId, status: 'enabled', wrapped: new Uint8Array(66) }],
    };
    const wrapped = await wrapRoot(wrappingKey, keyringRowState(found), keyId, theirs.key);
    const keys = [{ ...(found.keys[0] as WrappedKey), wrapped }];
    await expectCode('E_AUTH', openKeys(wrappingKey, { ...found, keys }));
  });

  test('are at most 64', async () => {
    const wrappingKey = await wrapping();
    const keys = Array.from({ length: 65 }, () => ({ keyId: '00000000', status: 'enabled' as const }));
    const state = { primary: '00000000', index: '00000000', keys };
    await expectCode('E_KEYRING', nextKeyringRow({ row: await row(), wrappingKey }, { state, wrappingKey }));
  });

  test('are replaced by later ones of the same vault alone', () => {
    const lock = keyLock({ idleMs: undefined, now: Date.now, onLocked: () => undefined });
    const keys = (storeId: string, revision: number) => ({ row: { storeId, revision } }) as OpenKeys;
    const current = () => {
      const { storeId, revision } = lock.current().row;
      return `${storeId}${revision}`;
    };
    lock.unlock(keys('a', 2), lock.times());
    lock.replace(keys('a', 1));
    expect(current()).toBe('a2');
    lock.replace(keys('b', 3));
    expect(current()).toBe('a2');
    lock.replace(keys('a', 3));
    expect(current()).toBe('a3');
    lock.lock('asked');
    lock.replace(keys('a', 4));
    expect(lock.isUnlocked()).toBe(false);
  });

  test('leave no bytes behind that they were imported from', async () => {
    const bytes = new Uint8Array(32).fill(5);
    await slotKeyMaterial(bytes);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    const short = new Uint8Array([1, 2, 3]);
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new Error('refused'));
    await expect(slotKeyMaterial(short)).rejects.toThrow();
    expect([...short]).toEqual([0, 0, 0]);
  });
});
