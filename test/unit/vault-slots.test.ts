import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import { memoryVaultStorage } from '../../src/vault/memory-vault-storage.ts';
import { passphraseSlot } from '../../src/vault/passphrase-slot.ts';
import { generateRecoveryCode } from '../../src/vault/recovery-code.ts';
import { recoverySlot } from '../../src/vault/recovery-slot.ts';
import { sessionSlot } from '../../src/vault/session-slot.ts';
import type { SlotMethod, SlotRow } from '../../src/vault/slot-method.ts';
import { splitSlot } from '../../src/vault/split-slot.ts';
import type { Vault } from '../../src/vault/vault.ts';
import type { VaultStorage } from '../../src/vault/vault-storage.ts';
import { expectCode } from '../support/expect-code.ts';
import { memoryEdge } from '../support/memory-edge.ts';
import { vaultInMemory } from '../support/vault-in-memory.ts';

const code = generateRecoveryCode();
const [device, recovery] = [deviceSlot(), recoverySlot(code)];
let storage: VaultStorage;
let vault: Vault;
const kinds = async () => (await vault.slots()).map(({ kind }) => kind);
const keyId = () => vault.keyring.sealingRoot().keyId;

beforeEach(() => {
  storage = memoryVaultStorage();
  vault = vaultInMemory(storage, { now: () => 1_790_000_000_000 });
});
afterEach(() => {
  vi.restoreAllMocks();
  vault.close();
});

describe('a vault', () => {
  test.each<[string, () => SlotMethod, () => SlotMethod]>([
    ['device', deviceSlot, deviceSlot],
    ['session', sessionSlot, sessionSlot],
    ['recovery', () => recovery, () => recoverySlot(code.toLowerCase().replaceAll('-', ''))],
  ])('made with a %s slot is unlocked, and opens by it again', async (kind, make, open) => {
    expect(await vault.state()).toBe('absent');
    const slot = await vault.create(make());
    expect(slot).toEqual({ id: kind, kind, createdAt: 1_790_000_000_000 });
    expect(await vault.state()).toBe('unlocked');
    const before = keyId();
    vault.lock();
    expect(await vault.state()).toBe('locked');
    await expectCode('E_LOCKED', keyId);
    expect(await vault.unlock(open())).toEqual(slot);
    expect(keyId()).toBe(before);
    expect(await vault.slots()).toEqual([slot]);
  });

  test('made with a split slot opens as long as the worker has its half, and nothing else opens it', async () => {
    const edge = memoryEdge();
    await vault.create(splitSlot(edge));
    await vault.addSlot(recovery, { by: splitSlot(edge) });
    const before = keyId();
    const other = memoryEdge();
    await other.create();
    await expectCode('E_NO_ROOT', vault.unlock(splitSlot(other)));
    await vault.unlock(splitSlot(edge));
    expect(keyId()).toBe(before);
    await edge.destroy();
    await expectCode('E_NO_ROOT', vault.unlock(splitSlot(edge)));
    await edge.create();
    await expectCode('E_NO_ROOT', vault.unlock(splitSlot(edge)));
    await vault.unlock(recovery);
    expect(keyId()).toBe(before);
  });

  test('takes the half that the worker has already, of an attempt that was interrupted', async () => {
    const edge = memoryEdge();
    await edge.create();
    await vault.create(splitSlot(edge));
    vault.lock();
    await vault.unlock(splitSlot(edge));
  });

  test('is made once: whoever comes later is told to unlock it', async () => {
    await expectCode('E_INPUT', vault.unlock(device));
    const [first, second] = await Promise.allSettled([vault.create(device), vaultInMemory(storage).create(recovery)]);
    expect([first, second].map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expectCode('E_CONFLICT', vault.create(device));
    await expectCode('E_CONFLICT', vault.create(sessionSlot()));
    expect(await vault.slots()).toHaveLength(1);
  });

  test('is one vault for all who open it at the same moment', async () => {
    const others = Array.from({ length: 5 }, () => vaultInMemory(storage));
    await Promise.all([vault, ...others].map((each) => each.open(device)));
    expect(new Set([vault, ...others].map((each) => each.keyring.sealingRoot().keyId)).size).toBe(1);
    await vault.open(device);
    for (const other of others) other.close();
  });

  test('gets more slots, each of which opens it, and keeps its keys', async () => {
    await vault.create(device);
    const before = keyId();
    const added = await vault.addSlot(recovery, { by: device });
    expect(added).toMatchObject({ id: 'recovery', kind: 'recovery' });
    await expectCode('E_CONFLICT', vault.addSlot(recoverySlot(generateRecoveryCode()), { by: device }));
    await expectCode('E_CONFLICT', vault.addSlot(device, { by: recovery }));
    await expectCode('E_INPUT', vault.addSlot(sessionSlot(), { by: device }));
    expect(await kinds()).toEqual(['device', 'recovery']);
    vault.lock();
    await vault.unlock(recovery);
    expect(keyId()).toBe(before);
  });

  test('gets no slot without one that opens it, unlocked or not', async () => {
    await vault.create(recovery);
    const other = recoverySlot(generateRecoveryCode());
    await expectCode('E_PASSPHRASE', vault.addSlot(device, { by: other }));
    await expectCode('E_INPUT', vault.addSlot(device, { by: device }));
    await expectCode('E_INPUT', vault.unlock(device));
    expect(await kinds()).toEqual(['recovery']);
    await expectCode('E_PASSPHRASE', vault.unlock(other));
    expect(await vault.state()).toBe('unlocked');
  });

  test('loses slots, but never the last one that could open it', async () => {
    await vault.create(device);
    await vault.addSlot(recovery, { by: device });
    await expectCode('E_INPUT', vault.removeSlot('passphrase'));
    await vault.removeSlot('device');
    await expectCode('E_INPUT', vault.removeSlot('recovery'));
    expect(await kinds()).toEqual(['recovery']);
    await expectCode('E_INPUT', vault.unlock(device));
    // a slot without its key opens nothing
    await vault.addSlot(device, { by: recovery });
    const [{ secret: _lost, ...row }] = (await storage.read()).slots.filter(
      (slot) => (slot as SlotRow).kind === 'device',
    ) as [SlotRow];
    await storage.update(() => ({ slots: [row] }));
    await expectCode('E_INPUT', vault.removeSlot('recovery'));
    await expectCode('E_NO_ROOT', vault.unlock(device));
    await vault.unlock(recovery);
  });

  test('in a session writes nothing until it gets another slot, which takes its place', async () => {
    const update = vi.spyOn(storage, 'update');
    await vault.open(sessionSlot());
    const before = keyId();
    await vault.open(sessionSlot());
    await expectCode('E_CONFLICT', vault.create(device));
    expect(await kinds()).toEqual(['session']);
    expect(update).not.toHaveBeenCalled();
    await vault.addSlot(device, { by: sessionSlot() });
    expect(await kinds()).toEqual(['device']);
    await expectCode('E_INPUT', vault.unlock(sessionSlot()));
    expect(keyId()).toBe(before);
    const later = vaultInMemory(storage);
    await later.open(device);
    expect(later.keyring.sealingRoot().keyId).toBe(before);
    later.close();
  });

  test('in a session does not take the place of one that was stored meanwhile', async () => {
    await vault.create(sessionSlot());
    const other = vaultInMemory(storage);
    await other.create(device);
    await expectCode('E_CONFLICT', vault.addSlot(device, { by: sessionSlot() }));
    other.close();
    expect(await kinds()).toEqual(['session']);
  });

  test('case 57: gets another passphrase without a single record being written', async () => {
    const backend = memoryBackend();
    await vault.create(passphraseSlot('the old one', { iterations: 600_000 }));
    const store = new EncryptedTokenStore({ backend, keyring: vault.keyring });
    const saved = await store.saveToken({ userName: 'ann', accessToken: 'a' });
    const writes = [vi.spyOn(backend, 'put'), vi.spyOn(backend, 'putEach')];
    vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValueOnce(1000); // a slow computer: no more iterations
    await expectCode('E_PASSPHRASE', vault.changePassphrase('not it', 'the new one'));
    await expectCode('E_INPUT', vault.changePassphrase('the old one', ''));
    expect(await vault.changePassphrase('the old one', 'the new one')).toEqual([]);
    vault.lock();
    await expectCode('E_PASSPHRASE', vault.unlock(passphraseSlot('the old one')));
    await vault.unlock(passphraseSlot('the new one'));
    expect(await store.findTokenById(saved.id)).toEqual(saved);
    for (const write of writes) expect(write).not.toHaveBeenCalled();
  });

  test('changes nothing over what another tab has changed meanwhile', async () => {
    await vault.create(recovery);
    const meanwhile = async (work: () => Promise<unknown>): Promise<SlotMethod> => ({
      ...device,
      async enrol(...args) {
        await work();
        return device.enrol(...args);
      },
    });
    const other = vaultInMemory(storage);
    await other.unlock(recovery);
    const add = () => other.addSlot(device, { by: recovery });
    await expectCode('E_CONFLICT', vault.addSlot(await meanwhile(add), { by: recovery }));
    await vault.removeSlot('device');
    const rekey = () => other.rekey({ by: recovery, slots: [recovery] });
    await expectCode('E_CONFLICT', vault.addSlot(await meanwhile(rekey), { by: recovery }));
    expect(await kinds()).toEqual(['recovery']);
    await vault.unlock(recovery);
    other.close();
  });
});
