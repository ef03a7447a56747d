import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { OneTimeStore } from '../../src/store/one-time-store.ts';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import { memoryVaultStorage } from '../../src/vault/memory-vault-storage.ts';
import { sessionSlot } from '../../src/vault/session-slot.ts';
import type { SlotRow } from '../../src/vault/slot-method.ts';
import type { Vault } from '../../src/vault/vault.ts';
import type { VaultStorage } from '../../src/vault/vault-storage.ts';
import { expectCode } from '../support/expect-code.ts';
import { vaultInMemory } from '../support/vault-in-memory.ts';

const device = deviceSlot();
let storage: VaultStorage;
let backend: RecordBackend;
let vault: Vault;
let name: string;
let items: Map<string, string>;

const open = () => vaultInMemory(storage, { name, backend });
const storeOf = ({ keyring }: Vault) => new EncryptedTokenStore({ backend, keyring });
const loseKeys = () => storage.update(() => ({ clear: true }));
async function loseSecret(): Promise<void> {
  const [{ secret: _lost, ...row }] = (await storage.read()).slots as [SlotRow];
  await storage.update(() => ({ slots: [row] }));
}

beforeEach(() => {
  items = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  });
  storage = memoryVaultStorage();
  backend = memoryBackend();
  name = crypto.randomUUID();
  vault = open();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vault.close();
});

describe('the state of a vault', () => {
  test('case 61: is lost when the key is gone while there is data, until a reset', async () => {
    for (const lose of [loseKeys, loseSecret]) {
      vault.close();
      name = crypto.randomUUID();
      vault = open();
      await vault.open(device);
      await storeOf(vault).saveToken({ userName: 'ann', accessToken: 'a' });
      await lose();
      const tab = open();
      expect(await tab.state()).toBe('lost');
      for (const call of [tab.open, tab.unlock, tab.create]) await expectCode('E_NO_ROOT', call(device));
      await expectCode('E_NO_ROOT', tab.create(sessionSlot()));
      expect((await tab.loss()).records).toBe(1);
      await tab.reset();
      expect(await tab.state()).toBe('absent');
      await tab.open(device);
      expect(await storeOf(tab).getTokens()).toEqual([]);
      await tab.reset();
      tab.close();
    }
  });

  test('is absent when the key is gone and nothing was sealed with it', async () => {
    await vault.open(device);
    const { keyId } = vault.keyring.sealingRoot();
    await loseSecret();
    const tab = open();
    expect(await tab.state()).toBe('absent');
    await expectCode('E_INPUT', tab.unlock(device));
    await tab.open(device);
    expect(tab.keyring.sealingRoot().keyId).not.toBe(keyId);
    tab.close();
  });

  test('is lost, where nobody knows of data, as soon as there was a vault', async () => {
    await vault.open(device);
    await loseSecret();
    const tab = vaultInMemory(storage);
    expect(await tab.state()).toBe('lost');
    await expectCode('E_NO_ROOT', tab.open(device));
    tab.close();
  });

  test('is evicted when the browser has deleted both, and begins anew', async () => {
    await vault.open(device);
    await loseKeys();
    const tab = open();
    expect(await tab.state()).toBe('evicted');
    await expectCode('E_EVICTED', tab.unlock(device));
    await tab.open(device);
    expect(await tab.state()).toBe('unlocked');
    await tab.reset();
    expect(await tab.state()).toBe('absent');
    tab.close();
  });

  test('is absent rather than evicted where the browser remembers nothing, or forbids to', async () => {
    await vault.open(device);
    await loseKeys();
    const forbidden = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    vi.stubGlobal('localStorage', { getItem: forbidden, setItem: forbidden, removeItem: forbidden });
    const tab = open();
    expect(await tab.state()).toBe('absent');
    await tab.open(device);
    await tab.reset();
    vi.stubGlobal('localStorage', undefined);
    expect(await tab.state()).toBe('absent');
    await tab.open(device);
    tab.close();
  });

  test('of a session is remembered nowhere', async () => {
    await vault.open(sessionSlot());
    expect(items.size).toBe(0);
    const tab = open();
    expect(await tab.state()).toBe('absent');
    await storeOf(vault).saveToken({ userName: 'ann', accessToken: 'a' });
    expect(await tab.state()).toBe('lost');
    tab.close();
  });

  test('is not lost when another tab has made the vault, and sealed a record, in the middle of the question', async () => {
    const tab = open();
    const { keyUse } = backend;
    vi.spyOn(backend, 'keyUse').mockImplementationOnce(async () => {
      await vault.open(device);
      await storeOf(vault).saveToken({ userName: 'ann', accessToken: 'a' });
      return keyUse();
    });
    expect(await tab.state()).toBe('locked');
    await tab.open(device);
    tab.close();
  });

  test('is not known where there is no Web Crypto, and says what to do', async () => {
    for (const [global, value] of [
      ['isSecureContext', false],
      ['crypto', {}],
    ] as const) {
      vi.stubGlobal(global, value);
      for (const call of [() => vault.state(), () => vault.open(device), () => vault.unlock(device)]) {
        const error = await expectCode('E_UNSUPPORTED', call);
        expect(error.message).toContain('https:');
      }
      vi.unstubAllGlobals();
    }
  });

  test('that the database does not tell is the error of the database', async () => {
    vi.spyOn(backend, 'keyUse').mockRejectedValue(new Error('of the database'));
    await expect(vault.state()).rejects.toThrow('of the database');
  });
});

describe('a reset', () => {
  test('deletes keys, slots, marker and all records of all partitions, after saying how many', async () => {
    await vault.open(device);
    for (const tenant of ['default', 'other']) {
      const store = new EncryptedTokenStore({ backend, keyring: vault.keyring, tenant });
      for (let i = 0; i < 60; i++) await store.saveToken({ userName: `user ${i}`, accessToken: 'a' });
    }
    const login = new OneTimeStore({ backend, keyring: vault.keyring, collection: 'login' });
    await login.add('state', { a: 1 }, Date.now() + 60_000);
    expect(items.size).toBe(1);
    expect(await vault.loss()).toEqual({ records: 121, slots: await vault.slots() });
    await vault.reset();
    expect(await vault.loss()).toEqual({ records: 0, slots: [] });
    expect(await storage.read()).toEqual({ slots: [] });
    expect((await backend.scan(10)).records).toEqual([]);
    expect(items.size).toBe(0);
    expect(await vault.state()).toBe('absent');
    await expectCode('E_LOCKED', () => vault.keyring.sealingRoot());
  });

  test('destroys the keys before the records: what is left of an interrupted one is rubbish', async () => {
    await vault.open(device);
    await storeOf(vault).saveToken({ userName: 'ann', accessToken: 'a' });
    vi.spyOn(backend, 'clear').mockRejectedValueOnce(new Error('the tab is closed'));
    await expect(vault.reset()).rejects.toThrow();
    expect(await storage.read()).toEqual({ slots: [] });
    expect(await vault.state()).toBe('lost');
    await vault.reset();
    expect(await vault.state()).toBe('absent');
  });

  test('ends a session as well', async () => {
    await vault.open(sessionSlot());
    await vault.reset();
    expect(await vault.state()).toBe('absent');
    expect(await vault.slots()).toEqual([]);
  });
});
