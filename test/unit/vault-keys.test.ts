import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import type { KeyringRow } from '../../src/vault/keyring-row.ts';
import { memoryVaultStorage } from '../../src/vault/memory-vault-storage.ts';
import { passphraseSlot } from '../../src/vault/passphrase-slot.ts';
import { generateRecoveryCode } from '../../src/vault/recovery-code.ts';
import { recoverySlot } from '../../src/vault/recovery-slot.ts';
import { sessionSlot } from '../../src/vault/session-slot.ts';
import type { Vault } from '../../src/vault/vault.ts';
import type { VaultStorage } from '../../src/vault/vault-storage.ts';
import { expectCode } from '../support/expect-code.ts';
import { vaultInMemory } from '../support/vault-in-memory.ts';
import { withoutWaiting } from '../support/without-waiting.ts';

const [device, recovery] = [deviceSlot(), recoverySlot(generateRecoveryCode())];
let storage: VaultStorage;
let backend: RecordBackend;
let vault: Vault;
let other: Vault;
const row = async () => (await storage.read()).keyring as KeyringRow;
const ids = (of: Vault) => of.keys().map(({ keyId }) => keyId);
const primary = (of: Vault) => of.keyring.sealingRoot().keyId;
const addKey = (of = vault) => withoutWaiting(() => of.addKey());
const retireKey = (keyId: string) => withoutWaiting(() => vault.retireKey(keyId));

/** Two tabs that are told nothing by each other. */
beforeEach(async () => {
  storage = memoryVaultStorage();
  backend = memoryBackend();
  vault = vaultInMemory(storage, { backend });
  other = vaultInMemory(storage, { backend });
  await vault.create(device);
  await other.unlock(device);
});
afterEach(() => {
  vi.restoreAllMocks();
  vault.close();
  other.close();
});

describe('the keys of a vault', () => {
  test('get another one that everybody may read before it is used', async () => {
    const first = primary(vault);
    const rows: KeyringRow[] = [];
    const { update } = storage;
    vi.spyOn(storage, 'update').mockImplementation((change) =>
      update((present) => {
        const write = change(present);
        if (write.keyring) rows.push(write.keyring);
        return write;
      }),
    );
    const second = await addKey();
    expect(rows.map(({ revision, keys, primary }) => [revision, keys.map(({ status }) => status), primary])).toEqual([
      [2, ['enabled', 'pending'], first],
      [3, ['enabled', 'enabled'], second],
    ]);
    expect(vault.keys()).toEqual([
      { keyId: first, status: 'enabled', primary: false, primaryIndex: false },
      { keyId: second, status: 'enabled', primary: true, primaryIndex: true },
    ]);
    expect(vault.keyring.info()).toEqual(vault.keys());
    expect(vault.keyring.indexRoots().map(({ keyId }) => keyId)).toEqual([second, first]);
  });

  test('are found by a tab that was told nothing, when a record names one', async () => {
    const [here, there] = [vault, other].map(({ keyring }) => new EncryptedTokenStore({ backend, keyring })) as [
      EncryptedTokenStore,
      EncryptedTokenStore,
    ];
    await addKey();
    const saved = await here.saveToken({ userName: 'ann', accessToken: 'a' });
    expect(await there.findTokenById(saved.id)).toEqual(saved);
    expect(ids(other)).toEqual(ids(vault));
  });

  test('of two tabs that add one at once are one more, or the last one that was added', async () => {
    const added = await withoutWaiting(() => Promise.all([vault.addKey(), other.addKey()]));
    await vault.keyring.refresh?.();
    await other.keyring.refresh?.();
    expect(ids(other)).toEqual(ids(vault));
    expect(added).toContain(primary(vault));
    expect(vault.keys().every(({ status }) => status === 'enabled')).toBe(true);
  });

  test('go on where an interruption has left them', async () => {
    const { update } = storage;
    const spy = vi.spyOn(storage, 'update');
    spy.mockImplementationOnce(update).mockRejectedValue(new Error('the tab is closed'));
    await expect(addKey()).rejects.toThrow();
    spy.mockRestore();
    const pending = (await row()).keys[1]?.keyId as string;
    expect((await row()).keys[1]?.status).toBe('pending');
    expect(await addKey(other)).toBe(pending);
    expect((await row()).keys).toHaveLength(2);
  });

  test('are retired when no record needs them, and are told apart from those in use', async () => {
    const first = primary(vault);
    const store = new EncryptedTokenStore({ backend, keyring: vault.keyring });
    const saved = await store.saveToken({ userName: 'ann', accessToken: 'a' });
    await expectCode('E_CONFLICT', vault.retireKey(first));
    const second = await addKey();
    const error = await expectCode('E_CONFLICT', vault.retireKey(first));
    expect(error.message).toContain(`${first}: 1;`);
    expect(ids(vault)).toEqual([first, second]);
    await store.deleteToken(saved.id);
    await expectCode('E_KEYRING', vault.retireKey(second));
    await expectCode('E_KEYRING', vault.retireKey('00000000'));
    await retireKey(first);
    expect(ids(vault)).toEqual([second]);
    expect((await row()).keys).toHaveLength(1);
    await expectCode('E_KEY_UNKNOWN', () => vault.keyring.openingRoot(first));
  });

  test('stay when a tab that has not heard has sealed with them to the last', async () => {
    const first = primary(vault);
    await addKey();
    const { keyUse } = backend;
    const late = [{ keyId: first, indexKeyId: first, records: 2 }];
    vi.spyOn(backend, 'keyUse').mockImplementationOnce(keyUse).mockResolvedValue(late);
    await expectCode('E_CONFLICT', retireKey(first));
    expect(vault.keys()[0]).toMatchObject({ keyId: first, status: 'enabled' });
    vi.restoreAllMocks();
    await retireKey(first);
  });

  test('need an unlocked vault, to the end', async () => {
    const first = primary(vault);
    vault.lock();
    for (const call of [() => vault.addKey(), () => vault.retireKey(first), () => vault.keyring.refresh?.()]) {
      await expectCode('E_LOCKED', call);
    }
    await expectCode('E_LOCKED', () => vault.keys());
    expect(vault.keyring.info()).toEqual([]);
    await vault.unlock(device);
    const { update } = storage;
    vi.spyOn(storage, 'update').mockImplementationOnce(async (change) => {
      await update(change);
      vault.lock();
    });
    await expectCode('E_LOCKED', addKey());
    expect((await row()).keys[1]?.status).toBe('pending');
  });
});

describe('a new master key', () => {
  test('opens by the named slots alone, keeps older records readable, and locks other tabs out', async () => {
    await vault.addSlot(recovery, { by: device });
    const store = new EncryptedTokenStore({ backend, keyring: vault.keyring });
    const saved = await store.saveToken({ userName: 'ann', accessToken: 'a' });
    const before = { first: primary(vault), stored: await storage.read() };
    const removed = await vault.rekey({ by: recovery, slots: [device] });
    expect(removed.map(({ kind }) => kind)).toEqual(['recovery']);
    expect(ids(vault)).toHaveLength(2);
    expect(primary(vault)).not.toBe(before.first);
    expect(await store.findTokenById(saved.id)).toMatchObject({ accessToken: 'a' });
    await expectCode('E_LOCKED', other.keyring.refresh?.() as Promise<void>);
    await other.unlock(device);
    expect(ids(other)).toEqual(ids(vault));
    await expectCode('E_INPUT', other.unlock(recovery));

    // what was copied of it before opens what it was, and nothing of what it is
    const copy = vaultInMemory({ ...storage, read: async () => before.stored });
    await copy.unlock(recovery);
    expect(ids(copy)).toEqual([before.first]);
    copy.close();
    const mixed = vaultInMemory({ ...storage, read: async () => ({ ...before.stored, keyring: await row() }) });
    await expectCode('E_AUTH', mixed.unlock(recovery));
    mixed.close();
  });

  test('comes with a new passphrase on demand: what opens without its user stays, the rest goes', async () => {
    vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValueOnce(1000); // a slow computer: no more iterations
    await vault.addSlot(passphraseSlot('the old one', { iterations: 600_000 }), { by: device });
    await vault.addSlot(recovery, { by: device });
    const before = { first: primary(vault), stored: await storage.read() };
    const removed = await vault.changePassphrase('the old one', 'the new one', { rotate: true });
    expect(removed.map(({ id }) => id)).toEqual(['recovery']);
    expect((await vault.slots()).map(({ id }) => id).sort()).toEqual(['device', 'passphrase']);
    expect(primary(vault)).not.toBe(before.first);
    await other.unlock(passphraseSlot('the new one'));
    await other.unlock(device);
    expect(ids(other)).toEqual(ids(vault));
    const mixed = vaultInMemory({ ...storage, read: async () => ({ ...before.stored, keyring: await row() }) });
    await expectCode('E_AUTH', mixed.unlock(passphraseSlot('the old one')));
    mixed.close();
  });

  test('is there in whole, or not at all', async () => {
    await vault.addSlot(recovery, { by: device });
    const before = await storage.read();
    const update = vi.spyOn(storage, 'update');
    update.mockRejectedValueOnce(new Error('the disk is full'));
    await expect(vault.rekey({ by: device, slots: [device] })).rejects.toThrow();
    expect(await storage.read()).toEqual(before);
    update.mockClear();
    await vault.rekey({ by: device, slots: [device, recovery] });
    expect(update).toHaveBeenCalledOnce();
    await other.unlock(recovery);
    expect(ids(other)).toEqual(ids(vault));
  });

  test('is made over no change of another tab', async () => {
    const meanwhile = {
      ...device,
      enrol: async (...args: Parameters<typeof device.enrol>) => {
        await addKey(other);
        return device.enrol(...args);
      },
    };
    await expectCode('E_CONFLICT', vault.rekey({ by: device, slots: [meanwhile] }));
    await vault.keyring.refresh?.();
    expect(ids(vault)).toEqual(ids(other));
  });

  test('needs slots that fit', async () => {
    for (const slots of [[], [device, device], [sessionSlot()], [device, sessionSlot()]]) {
      await expectCode('E_INPUT', vault.rekey({ by: device, slots }));
    }
    await expectCode('E_INPUT', vault.rekey({ by: recovery, slots: [device] }));
    const session = vaultInMemory();
    await session.create(sessionSlot());
    await expectCode('E_INPUT', session.rekey({ by: sessionSlot(), slots: [device] }));
    await session.rekey({ by: sessionSlot(), slots: [sessionSlot()] });
    expect(session.keys()).toHaveLength(2);
    session.close();
  });

  test('leaves a vault locked that was locked', async () => {
    vault.lock();
    await vault.rekey({ by: device, slots: [device] });
    expect(await vault.state()).toBe('locked');
    await vault.unlock(device);
    expect(ids(vault)).toHaveLength(2);
  });
});
