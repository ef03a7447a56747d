import { deleteDB, openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { indexedDbVaultStorage } from '../../src/vault/indexeddb-vault-storage.ts';
import { newKeptSecret } from '../../src/vault/kept-secret.ts';
import { mostSlots } from '../../src/vault/vault-storage.ts';
import { expectCode } from '../support/expect-code.ts';
import { vaultStorageCases } from '../support/vault-storage-cases.ts';
import { openBare } from './indexeddb-connections.ts';

let name: string;
const storage = () => indexedDbVaultStorage(name);

beforeEach(() => {
  name = `vault-storage-${crypto.randomUUID()}`;
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await deleteDB(name);
});

describe('a vault in IndexedDB', () => {
  for (const { name: what, run } of vaultStorageCases) test(what, () => run(storage));

  test('is read no further than a vault may have slots, and one', async () => {
    const blob = new Uint8Array(1);
    const slots = Array.from({ length: 100 }, (_, i) => ({
      id: `x${i}`,
      kind: 'passkey' as const,
      createdAt: 0,
      blob,
    }));
    await storage().update(() => ({ slots }));
    expect((await storage().read()).slots).toHaveLength(mostSlots + 1);
  });

  test('case 60: a write that the browser aborts, or has no room for, leaves what was there', async () => {
    const row = { id: 'recovery', kind: 'recovery' as const, createdAt: 1, blob: new Uint8Array(130) };
    await storage().update(() => ({ slots: [row] }));
    for (const [code, error] of [
      ['E_STORAGE', 'DataError'],
      ['E_QUOTA', 'QuotaExceededError'],
    ] as const) {
      vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
        throw new DOMException('secret of the browser', error);
      });
      await expectCode(
        code,
        storage().update(() => ({ clear: true, slots: [{ ...row, createdAt: 2 }] })),
      );
      vi.restoreAllMocks();
      expect((await storage().read()).slots).toMatchObject([{ createdAt: 1 }]);
    }
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore) {
      this.transaction.abort();
      throw new DOMException('secret of the browser', 'AbortError');
    });
    await expectCode(
      'E_STORAGE',
      storage().update(() => ({ clear: true, slots: [row] })),
    );
    vi.restoreAllMocks();
    expect((await storage().read()).slots).toMatchObject([{ createdAt: 1 }]);
  });

  test('is E_UNSUPPORTED, and says what to use, in a browser that keeps no keys', async () => {
    const key = await newKeptSecret();
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('not here', 'DataCloneError');
    });
    const refused = await expectCode('E_UNSUPPORTED', storage().roundTrip(key));
    expect(refused.message).toContain('passphrase');
    vi.restoreAllMocks();
    const put = IDBObjectStore.prototype.put;
    for (const lost of [null, {}]) {
      vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, _, id) {
        return put.call(this, lost, id);
      });
      await expectCode('E_UNSUPPORTED', storage().roundTrip(key));
      vi.restoreAllMocks();
    }
  });

  test('is E_UNSUPPORTED without IndexedDB, and E_STORAGE where the browser refuses it', async () => {
    vi.stubGlobal('indexedDB', undefined);
    await expectCode('E_UNSUPPORTED', () => storage().read());
    vi.unstubAllGlobals();
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    await expectCode('E_STORAGE', storage().read());
  });

  test('is E_STORAGE when the database does not open in time, and holds none up that opens too late', async () => {
    const bare = await openBare(name);
    const deleted = deleteDB(name); // waits for the bare connection, and whoever opens the database waits for it
    await new Promise((resolve) => bare.addEventListener('versionchange', resolve));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const reading = expectCode('E_STORAGE', storage().read());
    await vi.advanceTimersByTimeAsync(5000);
    expect((await reading).message).toContain('in time');
    vi.useRealTimers();
    bare.close();
    await deleted;
    expect(await storage().read()).toEqual({ slots: [] });
    const blocked = vi.fn();
    await deleteDB(name, { blocked });
    expect(blocked).not.toHaveBeenCalled();
  });

  test('is E_STORAGE when the database is of a later release', async () => {
    const later = await openDB(name, 2);
    await expectCode('E_STORAGE', storage().read());
    later.close();
  });

  test('is in nobody’s way: it is open only while it is used', async () => {
    await storage().update(() => ({}));
    const blocked = vi.fn();
    await Promise.all([storage().read(), deleteDB(name, { blocked })]);
    expect(blocked).not.toHaveBeenCalled();
  });
});
