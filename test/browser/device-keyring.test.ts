import { deleteDB, openDB } from 'idb';
import { afterEach, describe, expect, test } from 'vitest';
import { commands } from 'vitest/browser';
import { deviceKeyring } from '../../src/vault/device-keyring.ts';
import { expectCode } from '../support/expect-code.ts';

const name = 'device-keyring-test';
const context = JSON.stringify({
  schema: 1,
  tenant: 'default',
  collection: 'tokens',
  id: 'id-1',
  revision: 1,
  expiresAt: 0,
});
const keyId = `(await lib.deviceKeyring({ name: '${name}' })).sealingRoot().keyId`;
const openTabs: string[] = [];

async function newTab(): Promise<string> {
  const tab = await commands.newTab('/test/browser/device-keyring-tab.ts');
  openTabs.push(tab);
  return tab;
}

afterEach(async () => {
  for (const tab of openTabs.splice(0)) await commands.closeTab(tab);
  await deleteDB(name);
});

describe('the keyring of a device', () => {
  test('opens in one tab what another tab sealed before it was reloaded', async () => {
    const [first, second] = [await newTab(), await newTab()];
    const sealed = await commands.evaluateInTab(
      first,
      `const keyring = await lib.deviceKeyring({ name: '${name}' });
       const record = await lib.sealRecord(keyring, ${context}, new TextEncoder().encode('what the first tab knew'));
       window.before = true;
       return [...record.sealed];`,
    );
    await commands.reloadTab(first);
    const open = `const keyring = await lib.deviceKeyring({ name: '${name}' });
      const opened = await lib.openRecord(keyring, ${context}, Uint8Array.from(${JSON.stringify(sealed)}));
      return [typeof window.before, new TextDecoder().decode(opened)];`;
    expect(await commands.evaluateInTab(first, open)).toEqual(['undefined', 'what the first tab knew']);
    expect(await commands.evaluateInTab(second, open)).toEqual(['undefined', 'what the first tab knew']);
  });

  test('is one and the same for tabs that begin at the same moment', async () => {
    const tabs = [await newTab(), await newTab(), await newTab()];
    for (const tab of tabs) {
      await commands.evaluateInTab(
        tab,
        `const start = new Promise((resolve) => { new BroadcastChannel('${name}').onmessage = resolve; });
         window.keyId = start.then(async () => ${keyId});`,
      );
    }
    const channel = new BroadcastChannel(name);
    channel.postMessage('start');
    const ids: string[] = [];
    for (const tab of tabs) ids.push(await commands.evaluateInTab(tab, 'return await window.keyId;'));
    channel.close();
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}$/);
  });

  test('is one and the same for callers of one page that begin at the same moment', async () => {
    const keyrings = await Promise.all(Array.from({ length: 8 }, () => deviceKeyring({ name })));
    expect(new Set(keyrings.map((keyring) => keyring.sealingRoot().keyId)).size).toBe(1);
  });

  test('survives a tab that was closed while it made the key', async () => {
    const tab = await newTab();
    await commands.evaluateInTab(tab, `void lib.deviceKeyring({ name: '${name}' });`);
    await commands.closeTab(openTabs.pop() as string);
    const id = (await deviceKeyring({ name })).sealingRoot().keyId;
    expect((await deviceKeyring({ name })).sealingRoot().keyId).toBe(id);
  });

  test('keeps a key that script can use and not read', async () => {
    await deviceKeyring({ name });
    const database = await openDB(name);
    const [key] = (await database.getAll('roots')) as [CryptoKey];
    database.close();
    expect(key).toMatchObject({ extractable: false, algorithm: { name: 'HKDF' } });
    await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
  });

  test('lets another page delete its database: no connection stays open', async () => {
    const before = (await deviceKeyring({ name })).sealingRoot().keyId;
    await deleteDB(name);
    expect((await deviceKeyring({ name })).sealingRoot().keyId).not.toBe(before);
  });

  test('asks to sign in again when the stored key is no longer one', async () => {
    const database = await openDB(name, 1, { upgrade: (db) => void db.createObjectStore('roots') });
    await database.put('roots', { was: 'a key' }, 'device');
    database.close();
    await expectCode('E_NO_ROOT', deviceKeyring({ name }));
  });
});
