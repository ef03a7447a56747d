import { afterEach, describe, expect, test, vi } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { deviceSlot } from '../../src/vault/device-slot.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { expectCode } from '../support/expect-code.ts';
import { findTraces } from '../support/find-traces.ts';
import { storeAttacks } from '../support/store-attacks.ts';
import { storeRaces } from '../support/store-races.ts';
import { testKeyring } from '../support/test-keyring.ts';

let databases = 0;
const newName = () => `store-test-${Date.now()}-${databases++}`;

afterEach(() => vi.restoreAllMocks());

describe('a store on IndexedDB', () => {
  for (const { name, run } of storeAttacks) test(name, () => run(indexedDbBackend({ name: newName() })));
  for (const { name, run } of storeRaces) {
    test(name, () => {
      const database = newName();
      const connections = Array.from({ length: 4 }, () => indexedDbBackend({ name: database }));
      let next = 0;
      return run(() => connections[next++ % 4] as (typeof connections)[number]);
    });
  }

  /** The modes of the transactions that the work opens. */
  async function transactions(work: () => Promise<unknown>): Promise<readonly string[]> {
    const spy = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await work();
    const modes = spy.mock.calls.map(
      ([, mode, options]) => `${mode ?? 'readonly'} ${options?.durability ?? 'default'}`,
    );
    spy.mockRestore();
    return modes;
  }

  test('takes one transaction to find, to delete and to clear, one read and one strict write to save', async () => {
    const backend = indexedDbBackend({ name: newName() });
    const store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
    const { id } = await store.saveToken({ userName: 'ann', accessToken: 'a', refreshToken: 'r' });
    const read = expect.stringMatching(/^readonly/) as string;
    expect(await transactions(() => store.findTokenById(id))).toEqual([read]);
    expect(await transactions(() => store.findToken({ userName: 'ann' }))).toEqual([read]);
    expect(await transactions(() => store.saveToken({ id, accessToken: 'b' }))).toEqual([read, 'readwrite strict']);
    expect(await transactions(() => store.deleteToken(id))).toEqual(['readwrite strict']);
    expect(await transactions(() => store.deleteTokens())).toEqual(['readwrite strict']);
  });

  test('case 60: makes no Web Crypto call while a write transaction is open', async () => {
    const backend = indexedDbBackend({ name: newName() });
    const store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
    await store.saveToken({ userName: 'ann', accessToken: 'a' });
    let open = 0;
    const during: string[] = [];
    const original = IDBDatabase.prototype.transaction;
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
      const transaction = original.apply(this, args as Parameters<typeof original>);
      // a read is over with its answer, though the browser ends the transaction a moment later
      if (args[1] !== 'readwrite') return transaction;
      open++;
      for (const end of ['complete', 'abort']) transaction.addEventListener(end, () => void open--);
      return transaction;
    });
    for (const method of ['encrypt', 'decrypt', 'sign', 'deriveBits', 'deriveKey', 'importKey', 'digest'] as const) {
      const call = crypto.subtle[method] as (...args: unknown[]) => Promise<unknown>;
      vi.spyOn(crypto.subtle, method).mockImplementation((...args: unknown[]) => {
        if (open > 0) during.push(method);
        return call.apply(crypto.subtle, args) as never;
      });
    }
    const saved = await store.saveToken({ userName: 'ann', accessToken: 'b', refreshToken: 'r' });
    await store.saveToken({ ...saved, refreshToken: 'r2' });
    await store.findToken({ refreshToken: 'r2' });
    await store.getTokens();
    await store.deleteToken(saved.id);
    expect(during).toEqual([]);
  });

  test('case 60: an aborted write keeps the old record, and so does a full disk', async () => {
    const backend = indexedDbBackend({ name: newName() });
    const store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
    const saved = await store.saveToken({ userName: 'ann', accessToken: 'a', refreshToken: 'r' });
    for (const [code, name] of [
      ['E_STORAGE', 'DataError'],
      ['E_QUOTA', 'QuotaExceededError'],
    ] as const) {
      vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore) {
        this.transaction.abort();
        throw new DOMException('secret of the browser', name);
      });
      await expectCode(code, store.saveToken({ id: saved.id, accessToken: 'b' }));
      vi.restoreAllMocks();
      expect(await store.findToken({ userName: 'ann' })).toEqual(saved);
    }
  });

  test('case 44: keeps no token, secret or user name in any encoding', async () => {
    const name = newName();
    const markers = [
      'marker-user-name-0123456789',
      'marker-access-token-0123456789',
      'marker-refresh-token-0123456789',
    ];
    const [userName, accessToken, refreshToken] = markers as [string, string, string];
    const store = new EncryptedTokenStore({ backend: indexedDbBackend({ name }), keyring: await testKeyring() });
    await store.saveToken({ userName, accessToken, refreshToken });
    const bytes: Uint8Array[] = [];
    const collect = (value: unknown): void => {
      if (value instanceof ArrayBuffer) bytes.push(new Uint8Array(value));
      else if (ArrayBuffer.isView(value)) bytes.push(new Uint8Array(value.buffer));
      else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) collect(part);
      else bytes.push(new TextEncoder().encode(String(value)));
    };
    for (const row of await rows(name)) collect(row);
    expect(bytes.length).toBeGreaterThan(5);
    expect(bytes.flatMap((part) => findTraces(part, markers))).toEqual([]);
  });
});

describe('the keyring of a vault that is opening', () => {
  test('opens, after a reload as well, what it has sealed', async () => {
    const name = newName();
    const open = () => {
      const vault = openVault({ name: `${name}-keys` });
      return new EncryptedTokenStore({
        backend: indexedDbBackend({ name }),
        keyring: vault.open(deviceSlot()).then(() => vault.keyring),
      });
    };
    const saved = await open().saveToken({ userName: 'ann', accessToken: 'a' });
    expect(await open().findTokenById(saved.id)).toEqual(saved);
  });

  test('that does not come opens nothing, and says so at the first call', async () => {
    const keyring = Promise.reject(new Error('refused'));
    const store = new EncryptedTokenStore({ backend: indexedDbBackend({ name: newName() }), keyring });
    await expect(store.saveToken({ userName: 'ann', accessToken: 'a' })).rejects.toThrow('refused');
  });
});

/** Everything in the database, as IndexedDB itself returns it. */
function rows(name: string): Promise<readonly unknown[]> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onerror = () => reject(request.error);
    request.onsuccess = async () => {
      const database = request.result;
      const stores = [...database.objectStoreNames];
      const transaction = database.transaction(stores);
      const all = stores.map(
        (store) =>
          new Promise<unknown[]>((done) => {
            const read = transaction.objectStore(store).getAll();
            read.onsuccess = () => done(read.result);
          }),
      );
      resolve((await Promise.all(all)).flat());
      database.close();
    };
  });
}
