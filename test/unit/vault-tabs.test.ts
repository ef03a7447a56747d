import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import { memoryVaultStorage } from '../../src/vault/memory-vault-storage.ts';
import { generateRecoveryCode } from '../../src/vault/recovery-code.ts';
import { recoverySlot } from '../../src/vault/recovery-slot.ts';
import type { Vault, VaultEvent } from '../../src/vault/vault.ts';
import type { VaultStorage } from '../../src/vault/vault-storage.ts';
import { expectCode } from '../support/expect-code.ts';
import { vaultInMemory } from '../support/vault-in-memory.ts';
import { withoutWaiting } from '../support/without-waiting.ts';

const [device, recovery] = [deviceSlot(), recoverySlot(generateRecoveryCode())];
const minute = 60_000;
let name: string;
let clock: number;
let storage: VaultStorage;
let here: Vault;
let there: Vault;
let heard: VaultEvent[];

function open(): Vault {
  return vaultInMemory(storage, { name, backend: memoryBackend(), idleMs: 5 * minute, now: () => clock });
}
/** Waits until the other tab has told its listeners of this. */
const untilHeard = (type: VaultEvent['type']) =>
  vi.waitFor(() => expect(heard.map((event) => event.type)).toContain(type), { interval: 5 });
const say = (message: unknown): void => {
  const channel = new BroadcastChannel(`tokenkeep-vault ${name}`);
  channel.postMessage(message);
  channel.close();
};

async function openBoth(): Promise<void> {
  name = crypto.randomUUID();
  clock = 1_790_000_000_000;
  storage = memoryVaultStorage();
  [here, there] = [open(), open()];
  await here.open(device);
  await there.unlock(device);
  heard = [];
  there.subscribe((event) => heard.push(event));
  // what was told so far has been heard
  say({ type: 'slots-changed' });
  await untilHeard('slots-changed');
  heard.length = 0;
}

// in workerd there are no tabs: its channels are dead
if (globalThis.navigator?.userAgent !== 'Cloudflare-Workers') {
  describe('the tabs of a vault', () => {
    beforeEach(openBoth);
    afterEach(() => {
      here.close();
      there.close();
    });

    test('case 58: are all locked when one is', async () => {
      here.lock();
      await untilHeard('locked');
      expect(heard).toEqual([{ type: 'locked', because: 'asked' }]);
      expect(await there.state()).toBe('locked');
      await there.unlock(device);
      expect(await here.state()).toBe('locked');
      // and by one that is locked as well
      here.lock();
      await vi.waitFor(async () => expect(await there.state()).toBe('locked'));
    });

    test('are not locked when one of them is closed', async () => {
      here.close();
      say({ type: 'slots-changed' });
      await untilHeard('slots-changed');
      expect(await there.state()).toBe('unlocked');
    });

    test('stay unlocked while the user does something in one of them', async () => {
      clock += 4 * minute;
      here.touch();
      await untilHeard('active');
      expect(there.locksAt).toBe(clock + 5 * minute);
      clock += 4 * minute;
      expect(await there.state()).toBe('unlocked');
      clock += minute;
      expect(await there.state()).toBe('locked');
    });

    test('believe no message of a time to come, and none that is malformed', async () => {
      const end = there.locksAt as number;
      for (const message of [
        null,
        7,
        'locked',
        {},
        { type: 'active' },
        { type: 'active', at: '1' },
        { type: 'other' },
      ]) {
        say(message);
      }
      say({ type: 'active', at: Number.POSITIVE_INFINITY });
      say({ type: 'active', at: clock - minute });
      clock += minute;
      say({ type: 'active', at: clock + 1000 * minute });
      await untilHeard('active');
      expect(there.locksAt).toBe(end + minute);
      expect(heard).toEqual([{ type: 'active' }]);
    });

    test('hear of a vault that was made, of its slots, of its keys, and of a reset', async () => {
      await here.addSlot(recovery, { by: device });
      await untilHeard('slots-changed');
      heard.length = 0;
      await here.removeSlot('recovery');
      await untilHeard('slots-changed');
      await withoutWaiting(() => here.addKey());
      await vi.waitFor(() => expect(there.keys()).toEqual(here.keys()));
      await untilHeard('keys-changed');
      await here.reset();
      await untilHeard('reset');
      expect(heard.map(({ type }) => type)).toContain('locked');
      await here.create(recovery);
      await untilHeard('created');
      expect(await there.state()).toBe('locked');
    });

    test('know of a key before it is used, without being asked', async () => {
      const adding = withoutWaiting(() => here.addKey());
      await vi.waitFor(() => expect(there.keys()).toHaveLength(2));
      const second = await adding;
      await vi.waitFor(() => expect(there.keyring.sealingRoot().keyId).toBe(second));
    });

    test('are locked by a new master key that another one has made', async () => {
      await here.rekey({ by: device, slots: [device] });
      await untilHeard('locked');
      await expectCode('E_LOCKED', () => there.keyring.sealingRoot());
      expect(await here.state()).toBe('unlocked');
      await there.unlock(device);
      expect(there.keys()).toEqual(here.keys());
    });

    test('that are being unlocked while another one changes the keys have the new ones', async () => {
      there.lock();
      await vi.waitFor(async () => expect(await here.state()).toBe('locked'));
      await here.unlock(device);
      const slow = {
        ...device,
        recall: async (...args: Parameters<typeof device.recall>) => {
          heard.length = 0;
          await withoutWaiting(() => here.addKey());
          await vi.waitFor(() => expect(heard.filter(({ type }) => type === 'keys-changed')).toHaveLength(2));
          return device.recall(...args);
        },
      };
      await there.unlock(slow);
      expect(there.keys()).toEqual(here.keys());
    });

    test('of other names know nothing of each other', async () => {
      const other = vaultInMemory(storage, { name: `${name} other` });
      await other.unlock(device);
      other.lock();
      say({ type: 'slots-changed' });
      await untilHeard('slots-changed');
      expect(await there.state()).toBe('unlocked');
      other.close();
    });
  });
}

test('a vault works where tabs cannot tell each other anything', async () => {
  vi.stubGlobal('BroadcastChannel', undefined);
  const alone = vaultInMemory();
  await alone.open(device);
  alone.touch();
  alone.lock();
  expect(await alone.state()).toBe('locked');
  alone.close();
  vi.unstubAllGlobals();
});
