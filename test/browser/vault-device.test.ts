import { deleteDB, openDB } from 'idb';
import { afterEach, describe, expect, test } from 'vitest';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { expectCode } from '../support/expect-code.ts';
import { closeTab, evaluateIn, vaultTab } from './vault-tabs.ts';

let name = '';
const vaults: ReturnType<typeof openVault>[] = [];
function open() {
  name ||= `vault-device-${crypto.randomUUID()}`;
  const vault = openVault({ name });
  vaults.push(vault);
  return vault;
}
async function keyId(): Promise<string> {
  const vault = open();
  await vault.open(deviceSlot());
  return vault.keyring.sealingRoot().keyId;
}

afterEach(async () => {
  for (const vault of vaults.splice(0)) vault.close();
  await deleteDB(name);
  name = '';
});

const opening = () => `const vault = lib.openVault({ name: '${name}' });
  await vault.open(lib.deviceSlot());
  return vault.keyring.sealingRoot().keyId;`;

describe('a vault with a device slot', () => {
  test('is one and the same for tabs, and callers of one page, that begin at the same moment', async () => {
    open();
    const tabs = [await vaultTab(), await vaultTab()];
    for (const tab of tabs) {
      await evaluateIn(
        tab,
        `const start = new Promise((resolve) => { new BroadcastChannel('start ${name}').onmessage = resolve; });
         window.keyId = start.then(async () => { ${opening()} });`,
      );
    }
    const channel = new BroadcastChannel(`start ${name}`);
    channel.postMessage('now');
    channel.close();
    const ids = await Promise.all([
      ...Array.from({ length: 4 }, keyId),
      ...tabs.map((tab) => evaluateIn(tab, 'return await window.keyId;')),
    ]);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}$/);
  });

  test('outlives a reload, and a tab that is closed while it makes the vault', async () => {
    open();
    const tab = await vaultTab();
    await evaluateIn(tab, `void (async () => { ${opening()} })();`);
    await closeTab(tab);
    const id = await keyId();
    expect(await evaluateIn(await vaultTab(), opening())).toBe(id);
  });

  test('keeps keys that script can use and not read, and nothing else of them', async () => {
    const vault = open();
    await vault.open(deviceSlot());
    const database = await openDB(name);
    const [secret] = (await database.getAll('secrets')) as [CryptoKey];
    expect(await database.count('probes')).toBe(0);
    database.close();
    const keys = [secret, vault.keyring.sealingRoot().key, ...vault.keyring.indexRoots().map(({ key }) => key)];
    for (const key of keys) {
      expect(key).toMatchObject({ extractable: false, algorithm: { name: 'HKDF' } });
      await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
    }
  });

  test('lets another page delete its database: no connection stays open', async () => {
    const before = await keyId();
    await deleteDB(name);
    expect(await keyId()).not.toBe(before);
  });

  test('case 61: asks for a reset when the browser has lost the key, and begins anew afterwards', async () => {
    const before = await keyId();
    const database = await openDB(name);
    await database.clear('secrets');
    database.close();
    const vault = open();
    expect(await vault.state()).toBe('lost');
    await expectCode('E_NO_ROOT', vault.open(deviceSlot()));
    await expectCode('E_NO_ROOT', vault.unlock(deviceSlot()));
    await expectCode('E_NO_ROOT', vault.create(deviceSlot()));
    await vault.reset();
    expect(await vault.state()).toBe('absent');
    expect(await keyId()).not.toBe(before);
  });
});
