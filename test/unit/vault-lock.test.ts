import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import { memoryVaultStorage } from '../../src/vault/memory-vault-storage.ts';
import type { Vault, VaultEvent } from '../../src/vault/vault.ts';
import { expectCode } from '../support/expect-code.ts';
import { vaultInMemory } from '../support/vault-in-memory.ts';

const device = deviceSlot();
const minute = 60_000;
let clock: number;
let vault: Vault;
let events: VaultEvent[];
const now = () => clock;

async function open(idleMs?: number): Promise<Vault> {
  vault = vaultInMemory(memoryVaultStorage(), { now, ...(idleMs !== undefined && { idleMs }) });
  await vault.open(device);
  events = [];
  vault.subscribe((event) => events.push(event));
  return vault;
}
/** Lets time pass for the clock and for the timers. */
async function pass(ms: number): Promise<void> {
  clock += ms;
  await vi.advanceTimersByTimeAsync(ms);
}

beforeEach(() => {
  clock = 1_790_000_000_000;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vault.close();
});

describe('a vault that is locked', () => {
  test('answers with E_LOCKED whatever is asked of its keyring, and says once that it is', async () => {
    const { keyring } = await open();
    const { keyId } = keyring.sealingRoot();
    vault.lock();
    vault.lock();
    for (const call of [
      () => keyring.sealingRoot(),
      () => keyring.openingRoot(keyId),
      () => keyring.indexRoots(),
      () => keyring.refresh?.(),
      () => vault.keys(),
    ]) {
      await expectCode('E_LOCKED', call);
    }
    expect(events).toEqual([{ type: 'locked', because: 'asked' }]);
    expect(vault.locksAt).toBeUndefined();
  });

  test('case 58: lets work in flight end with E_LOCKED, and hands out nothing', async () => {
    await open();
    const backend = memoryBackend();
    const store = new EncryptedTokenStore({ backend, keyring: vault.keyring });
    const saved = await store.saveToken({ userName: 'ann', accessToken: 'a' });
    const reading = store.findTokenById(saved.id);
    const listing = store.getTokens();
    const writing = store.saveToken({ id: saved.id, accessToken: 'b' });
    vault.lock();
    for (const work of [reading, listing, writing]) await expectCode('E_LOCKED', work);
    await vault.unlock(device);
    expect((await store.findTokenById(saved.id))?.accessToken).toBe('a');
  });

  test('does not unlock what began to unlock before', async () => {
    await open();
    for (const work of [() => vault.unlock(device), () => vault.open(device)]) {
      const unlocking = work();
      vault.lock();
      await expectCode('E_LOCKED', unlocking);
      expect(await vault.state()).toBe('locked');
    }
    const created = vaultInMemory();
    const creating = created.create(device);
    created.lock();
    await expectCode('E_LOCKED', creating);
    expect(await created.state()).toBe('locked');
    await created.unlock(device);
    created.close();
  });

  test('by closing stays so', async () => {
    await open(minute);
    vault.close();
    expect(events).toEqual([{ type: 'locked', because: 'left' }]);
    for (const call of [
      () => vault.keyring.sealingRoot(),
      () => vault.unlock(device),
      () => vault.open(device),
      () => vault.create(device),
      () => vault.state(),
      () => vault.slots(),
      () => vault.loss(),
      () => vault.reset(),
      () => vault.keyring.refresh?.(),
    ]) {
      await expectCode('E_LOCKED', call);
    }
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a vault that locks by itself', () => {
  test('does so when nobody has done anything for that long', async () => {
    await open(5 * minute);
    expect(vault.locksAt).toBe(clock + 5 * minute);
    await pass(5 * minute - 1);
    expect(await vault.state()).toBe('unlocked');
    await pass(1);
    expect(events).toEqual([{ type: 'locked', because: 'idle' }]);
    expect(await vault.state()).toBe('locked');
  });

  test('waits anew whenever the user does something, and says so', async () => {
    await open(5 * minute);
    await pass(4 * minute);
    vault.touch();
    expect(vault.locksAt).toBe(clock + 5 * minute);
    expect(events).toEqual([{ type: 'active' }]);
    await pass(4 * minute);
    expect(await vault.state()).toBe('unlocked');
    await pass(minute);
    expect(await vault.state()).toBe('locked');
  });

  test('does not count every movement: those within a second are one', async () => {
    await open(5 * minute);
    const end = vault.locksAt;
    await pass(999);
    vault.touch();
    expect(vault.locksAt).toBe(end);
    await pass(1);
    vault.touch();
    expect(vault.locksAt).toBe((end ?? 0) + 1000);
    expect(events).toEqual([{ type: 'active' }]);
  });

  test('is locked when the time is up though no timer has come, and by no later touch unlocked', async () => {
    for (const use of [
      () => vault.keyring.sealingRoot(),
      () => vault.keyring.openingRoot('00000000'),
      () => vault.keyring.indexRoots(),
      () => vault.keys(),
      () => vault.touch() ?? vault.keyring.sealingRoot(),
    ]) {
      await open(minute);
      clock += minute;
      await expectCode('E_LOCKED', use);
      expect(events).toEqual([{ type: 'locked', because: 'idle' }]);
      vault.close();
    }
    await open(minute);
    clock += minute;
    expect(vault.locksAt).toBeUndefined();
    expect(vault.keyring.info()).toEqual([]);
    expect(await vault.state()).toBe('locked');
  });

  test('does so after that time although the clock was turned back', async () => {
    await open(minute);
    clock -= 60 * minute;
    await vi.advanceTimersByTimeAsync(minute);
    expect(events).toEqual([{ type: 'locked', because: 'idle' }]);
  });

  test.each([0, -1, Number.NaN, 2 ** 31, Infinity])('refuses to wait for %s milliseconds', async (idleMs) => {
    await expectCode('E_CONFIG', () => vaultInMemory(undefined, { idleMs }));
    await open(2 ** 31 - 1);
  });

  test('takes another time, counted from now, or none, and forgets none that is up', async () => {
    await open(minute);
    await pass(50_000);
    vault.lockAfter(2 * minute);
    expect(vault.locksAt).toBe(clock + 2 * minute);
    expect(events).toEqual([{ type: 'active' }]);
    await pass(2 * minute - 1);
    expect(await vault.state()).toBe('unlocked');
    await expectCode('E_CONFIG', () => vault.lockAfter(0));
    expect(vault.locksAt).toBe(clock + 1);
    vault.lockAfter();
    await pass(60 * minute);
    expect(await vault.state()).toBe('unlocked');
    vault.lockAfter(minute);
    clock += minute;
    vault.lockAfter(minute);
    expect(await vault.state()).toBe('locked');
    expect(vault.locksAt).toBeUndefined();
    vault.lockAfter(2 * minute);
    await vault.unlock(device);
    expect(vault.locksAt).toBe(clock + 2 * minute);
  });

  test('never does so unless it was told to', async () => {
    await open();
    vault.touch();
    expect(vault.locksAt).toBeUndefined();
    await pass(24 * 60 * minute);
    expect(await vault.state()).toBe('unlocked');
    expect(events).toEqual([]);
  });
});

describe('the listeners of a vault', () => {
  test('are told until they end it, whatever other listeners do', async () => {
    await open();
    const heard: string[] = [];
    const end = vault.subscribe(({ type }) => heard.push(type));
    vault.subscribe(() => {
      throw new Error('of a listener');
    });
    const last = vi.fn();
    vault.subscribe(last);
    vault.lock();
    await vault.unlock(device);
    end();
    vault.lock();
    expect(heard).toEqual(['locked', 'unlocked']);
    expect(last).toHaveBeenCalledTimes(3);
  });

  test('hear of everything that changes', async () => {
    vault = vaultInMemory();
    const heard: string[] = [];
    vault.subscribe(({ type }) => heard.push(type));
    await vault.create(device);
    await vault.rekey({ by: device, slots: [device] });
    await vault.reset();
    expect(heard).toEqual(['created', 'unlocked', 'slots-changed', 'keys-changed', 'locked', 'reset']);
  });
});
