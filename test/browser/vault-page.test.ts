import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import type { Vault, VaultEvent } from '../../src/vault/vault.ts';
import { expectCode } from '../support/expect-code.ts';
import { closeTab, evaluateIn, vaultTab } from './vault-tabs.ts';

const device = deviceSlot();
let name: string;
let vault: Vault;
let events: VaultEvent[];
let ahead: number;

beforeEach(async () => {
  name = `vault-page-${crypto.randomUUID()}`;
  ahead = 0;
  vault = openVault({ name: `${name}-page`, idleMs: 60_000, now: () => Date.now() + ahead });
  await vault.open(device);
  events = [];
  vault.subscribe((event) => events.push(event));
});
afterEach(async () => {
  vi.restoreAllMocks();
  Reflect.deleteProperty(navigator, 'storage');
  vault.close();
  for (const database of [name, `${name}-keys`, `${name}-page`]) await deleteDB(database);
});

describe('a vault in a page', () => {
  test('is locked when the page is left, by whatever way', async () => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    expect(events).toEqual([{ type: 'locked', because: 'left' }]);
    await expectCode('E_LOCKED', () => vault.keyring.sealingRoot());
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    await vault.unlock(device);
  });

  test('notices what the user does, whoever has handled it', () => {
    const stop = (event: Event) => event.stopImmediatePropagation();
    const kinds = ['pointerdown', 'pointermove', 'wheel', 'keydown'];
    for (const kind of kinds) {
      document.body.addEventListener(kind, stop);
      ahead += 10_000;
      document.body.dispatchEvent(new Event(kind, { bubbles: true }));
      document.body.removeEventListener(kind, stop);
    }
    expect(events).toEqual(kinds.map(() => ({ type: 'active' })));
  });

  test('reads the keys again when the page is there again, and hears of others again', async () => {
    const elsewhere = openVault({ name: `${name}-page` });
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    await vault.unlock(device);
    await elsewhere.unlock(device);
    const ways = [
      () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })),
      () => document.dispatchEvent(new Event('resume')),
      () => document.dispatchEvent(new Event('visibilitychange')),
    ];
    // deaf to messages, as a page is that was frozen
    vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockImplementation(() => undefined);
    for (const [i, comeBack] of ways.entries()) {
      await elsewhere.addKey();
      expect(vault.keys()).toHaveLength(1 + i);
      comeBack();
      await vi.waitFor(() => expect(vault.keys()).toHaveLength(2 + i));
    }
    elsewhere.close();
  });

  test('hears nothing of the page once it is closed', () => {
    vault.close();
    ahead = 30_000;
    const read = vi.spyOn(IDBFactory.prototype, 'open');
    dispatchEvent(new Event('keydown'));
    dispatchEvent(new PageTransitionEvent('pageshow'));
    expect(read).not.toHaveBeenCalled();
  });

  test('is remembered by a marker, and asks the browser to keep it, without waiting for an answer', async () => {
    expect(localStorage.getItem(`tokenkeep-vault:${name}-page`)).toBe('1');
    const persist = vi.fn(() => new Promise<boolean>(() => undefined));
    Object.defineProperty(navigator, 'storage', { configurable: true, value: { persist } });
    await vault.reset();
    expect(localStorage.getItem(`tokenkeep-vault:${name}-page`)).toBeNull();
    expect(persist).not.toHaveBeenCalled();
    await vault.open(device);
    expect(persist).toHaveBeenCalledOnce();
    persist.mockImplementation(() => {
      throw new Error('not here');
    });
    await vault.reset();
    await vault.open(device);
    Object.defineProperty(navigator, 'storage', { configurable: true, value: undefined });
    await vault.reset();
    await vault.open(device);
  });
});

describe('case 58: a vault in two tabs', () => {
  const opening = () => `const { vault, store } = lib.openVaultAndStore('${name}', { idleMs: 60_000 });
    window.events = [];
    vault.subscribe((event) => window.events.push(event));
    await vault.open(lib.deviceSlot());
    Object.assign(window, { vault, store });`;

  test('is locked in one by the other, work in flight included, and shows nothing then', async () => {
    const tab = await vaultTab();
    await evaluateIn(
      tab,
      `${opening()}
       window.saved = await store.saveToken({ userName: 'ann', accessToken: 'a' });
       // reads without end, and notes how each ended
       window.outcomes = [];
       window.reading = (async () => {
         while (!window.outcomes.includes('E_LOCKED')) {
           window.outcomes.push(await store.findTokenById(window.saved.id).then((t) => t.accessToken, (e) => e.code));
           await new Promise((resolve) => setTimeout(resolve));
         }
       })();`,
    );
    const here = openVault({ name: `${name}-keys` });
    await here.unlock(device);
    here.lock();
    const [outcomes, events, state] = await evaluateIn(
      tab,
      'await window.reading; return [window.outcomes, window.events.slice(-1), await window.vault.state()];',
    );
    expect(new Set(outcomes)).toEqual(new Set(['a', 'E_LOCKED']));
    expect(events).toEqual([{ type: 'locked', because: 'asked' }]);
    expect(state).toBe('locked');
    here.close();
  });

  test('stays unlocked in the other when one is closed, and is opened with what that one has sealed', async () => {
    const backend = indexedDbBackend({ name });
    const here = openVault({ name: `${name}-keys`, backend });
    const store = new EncryptedTokenStore({ backend, keyring: here.keyring });
    await here.open(device);
    const tab = await vaultTab();
    const id = await evaluateIn(
      tab,
      `${opening()}
       await vault.addKey();
       return (await store.saveToken({ userName: 'bob', accessToken: 'b' })).id;`,
    );
    await closeTab(tab);
    expect(await store.findTokenById(id)).toMatchObject({ accessToken: 'b' });
    expect(here.keys()).toHaveLength(2);
    here.close();
  });
});
