import { expect, test } from 'vitest';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import type { Vault, VaultEvent } from '../../src/vault/vault.ts';
import { vaultInMemory } from '../support/vault-in-memory.ts';

const minute = 60_000;
let time = Date.UTC(2026, 0, 1);

async function unlocked(idleMs?: number): Promise<Vault> {
  const vault = vaultInMemory(undefined, { now: () => time, ...(idleMs !== undefined && { idleMs }) });
  await vault.create(deviceSlot());
  return vault;
}

test('a vault that never locks by itself takes a time, counted from then', async () => {
  const vault = await unlocked();
  expect(vault.locksAt).toBeUndefined();
  const events: VaultEvent[] = [];
  vault.subscribe((event) => events.push(event));
  vault.lockAfter(minute);
  expect(vault.locksAt).toBe(time + minute);
  expect(events).toEqual([{ type: 'active' }]);
  time += minute;
  expect(await vault.state()).toBe('locked');
  expect(events.at(-1)).toEqual({ type: 'locked', because: 'idle' });
  vault.close();
});

test('a time can be made longer, and be given up', async () => {
  const vault = await unlocked(minute);
  time += minute - 1;
  vault.lockAfter(5 * minute);
  time += 5 * minute - 1;
  expect(await vault.state()).toBe('unlocked');
  vault.lockAfter();
  time += 100 * minute;
  expect(vault.locksAt).toBeUndefined();
  expect(await vault.state()).toBe('unlocked');
  vault.close();
});

test('a later time does not keep open what should have locked before', async () => {
  const vault = await unlocked(minute);
  time += minute;
  vault.lockAfter(5 * minute);
  expect(await vault.state()).toBe('locked');
  expect(vault.locksAt).toBeUndefined();
  vault.close();
});

test('a locked vault takes a time for when it is unlocked', async () => {
  const vault = await unlocked();
  vault.lock();
  vault.lockAfter(minute);
  expect(vault.locksAt).toBeUndefined();
  await vault.unlock(deviceSlot());
  expect(vault.locksAt).toBe(time + minute);
  vault.close();
});

test.each([0, -1, Number.NaN, 2 ** 31])('refuses %d, and keeps the time that it had', async (idleMs) => {
  const vault = await unlocked(minute);
  const { locksAt } = vault;
  expect(() => vault.lockAfter(idleMs)).toThrow(expect.objectContaining({ code: 'E_CONFIG' }));
  expect(vault.locksAt).toBe(locksAt);
  vault.close();
});
