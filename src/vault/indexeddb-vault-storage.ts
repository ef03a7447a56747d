import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import type { WebCryptoKey } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { KeyringRow } from './keyring-row.ts';
import type { SlotRow } from './slot-method.ts';
import { mostSlots, type StoredVault, type VaultStorage } from './vault-storage.ts';

interface VaultSchema extends DBSchema {
  keyring: { key: string; value: KeyringRow };
  slots: { key: string; value: Omit<SlotRow, 'secret'> };
  /** Under the id of their slot. */
  secrets: { key: string; value: WebCryptoKey };
  /** Apart from the others, so that no tab deletes what another one is trying out. What an interruption leaves opens nothing. */
  probes: { key: string; value: WebCryptoKey };
}

type Stores = ('keyring' | 'slots' | 'secrets')[];
const stores: Stores = ['keyring', 'slots', 'secrets'];
const only = 'keyring';
/** The slots that have a secret beside them. */
const withSecret = ['device', 'split'] as const;

/** How long a browser may take to open the database. Some hang, and so does one that another tab deletes. */
const timeoutMs = 5000;

/**
 * Keeps a vault in an IndexedDB database of its own. It is opened for each use: a vault is used seldom, and a connection that is
 * not open is in nobody's way.
 */
export function indexedDbVaultStorage(name: string): VaultStorage {
  return {
    read: () =>
      withDatabase(name, async (database) => {
        const transaction = database.transaction(stores);
        // a connection is closed only when its transactions have ended
        const [stored] = await Promise.all([readAll(transaction), transaction.done]);
        return stored;
      }),

    update: (change) =>
      withDatabase(name, async (database) => {
        const transaction = database.transaction(stores, 'readwrite', { durability: 'strict' });
        const { done } = transaction;
        done.catch(() => undefined);
        const store = <Name extends Stores[number]>(of: Name) => transaction.objectStore(of);
        // what becomes of a request shows in how the transaction ends
        const write = (request: Promise<unknown>): void => void request.catch(() => undefined);
        try {
          const { clear, keyring, slots = [], remove } = change(await readAll(transaction));
          if (clear) for (const of of stores) write(store(of).clear());
          if (keyring !== undefined) write(store('keyring').put(keyring, only));
          for (const { secret, ...row } of slots) {
            write(store('slots').put(row));
            if (secret !== undefined) write(store('secrets').put(secret, row.id));
          }
          if (remove !== undefined) for (const of of ['slots', 'secrets'] as const) write(store(of).delete(remove));
        } catch (error) {
          abort(transaction);
          throw error;
        }
        await done;
      }),

    roundTrip: (key) =>
      withDatabase(name, async (database) => {
        const probe = crypto.randomUUID();
        await database.put('probes', key, probe).catch((error: unknown) => {
          throw isNamed(error, 'DataCloneError') ? notKept() : error;
        });
        const { store, done } = database.transaction('probes', 'readwrite');
        const [found] = await Promise.all([store.get(probe), store.delete(probe), done]);
        if (!(found instanceof CryptoKey)) throw notKept();
        return found;
      }),
  };
}

async function readAll(
  transaction: Pick<IDBPTransaction<VaultSchema, Stores, 'readonly' | 'readwrite'>, 'objectStore'>,
): Promise<StoredVault> {
  const secrets = transaction.objectStore('secrets');
  const [keyring, slots, ...found] = await Promise.all([
    transaction.objectStore('keyring').get(only),
    transaction.objectStore('slots').getAll(null, mostSlots + 1),
    ...withSecret.map((id) => secrets.get(id)),
  ]);
  const secretOf = (id: unknown) => found[withSecret.indexOf(id as (typeof withSecret)[number])];
  return {
    ...(keyring !== undefined && { keyring }),
    slots: slots.map((row) => ({ ...row, secret: secretOf(row.id) })),
  };
}

async function withDatabase<Result>(
  name: string,
  work: (database: IDBPDatabase<VaultSchema>) => Promise<Result>,
): Promise<Result> {
  const database = await open(name);
  try {
    return await work(database);
  } catch (error) {
    if (error instanceof TokenkeepError) throw error;
    throw isNamed(error, 'QuotaExceededError')
      ? new TokenkeepError('E_QUOTA', 'the browser has no room for the keys; make room, then try again')
      : new TokenkeepError('E_STORAGE', 'the key database failed, and nothing was changed; reload, then try again');
  } finally {
    database.close();
  }
}

function open(name: string): Promise<IDBPDatabase<VaultSchema>> {
  if (globalThis.indexedDB === undefined) {
    throw new TokenkeepError('E_UNSUPPORTED', 'there is no IndexedDB here to keep keys in; use sessionSlot()');
  }
  return new Promise((resolve, reject) => {
    let waiting = true;
    const giveUp = (message: string): void => {
      waiting = false;
      clearTimeout(timer);
      reject(new TokenkeepError('E_STORAGE', message));
    };
    const blocked = (): void => giveUp('another tab holds an older version of the keys; close it, then reload');
    const timer = setTimeout(
      () => giveUp('the browser did not open the key database in time; close other tabs of this site, then reload'),
      timeoutMs,
    );
    const blocking = (_current: number, _wanted: number | null, event: Event): void =>
      (event.target as IDBDatabase).close();
    const opening = async () => openDB<VaultSchema>(name, 1, { upgrade: createStores, blocked, blocking });
    opening().then(
      (database) => {
        clearTimeout(timer);
        if (waiting) resolve(database);
        else database.close();
      },
      () => giveUp('the browser did not open the key database; allow site data for this page, then reload'),
    );
  });
}

function createStores(database: IDBPDatabase<VaultSchema>): void {
  database.createObjectStore('keyring');
  database.createObjectStore('slots', { keyPath: 'id' });
  database.createObjectStore('secrets');
  database.createObjectStore('probes');
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name;
}

/** Safari in Lockdown mode refuses to clone a key, and some private windows lose it. */
const notKept = (): TokenkeepError =>
  new TokenkeepError('E_UNSUPPORTED', 'this browser keeps no keys, as some private windows do; use a passphrase');
