import { type IDBPDatabase, openDB } from 'idb';
import type { Keyring } from '../core/keyring.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { createKeyring } from '../crypto/create-keyring.ts';
import { rootKey } from '../crypto/root-key.ts';

/** What {@link deviceKeyring} can be told. */
export interface DeviceKeyringOptions {
  /** The IndexedDB database of the key. Default `tokenkeep-keys`. */
  readonly name?: string;
}

const objectStore = 'roots';
const device = 'device';

/**
 * The keyring of this browser profile: one random root that IndexedDB keeps as a non-extractable key, made on first
 * use. Script cannot read the key, but whoever copies the browser's files can: this guards against reading stored data
 * elsewhere in the page's origin or in a dump, not against a copied profile.
 *
 * Concurrency: of two tabs that start at the same moment one makes the key, and the other adopts it.
 *
 * @throws `E_UNSUPPORTED` where there is no IndexedDB or no Web Crypto (an insecure context).
 * @throws `E_NO_ROOT` when the stored key no longer works.
 * @throws `E_STORAGE` when the database cannot be opened or written.
 */
export async function deviceKeyring({ name = 'tokenkeep-keys' }: DeviceKeyringOptions = {}): Promise<Keyring> {
  if (globalThis.indexedDB === undefined || globalThis.crypto?.subtle === undefined) {
    throw new TokenkeepError('E_UNSUPPORTED', 'this context has no IndexedDB or no Web Crypto; use https or localhost');
  }
  const key = await storedKey(name).catch(() => {
    throw new TokenkeepError('E_STORAGE', 'the browser did not open the key database; allow site data and reload');
  });
  const root = await rootKey(key).catch(() => {
    throw new TokenkeepError(
      'E_NO_ROOT',
      'the stored key no longer works in this browser; clear the site data and sign in again',
    );
  });
  return createKeyring({ roots: [{ ...root, status: 'enabled' }], primary: root.keyId, primaryIndex: root.keyId });
}

async function storedKey(name: string): Promise<CryptoKey> {
  const database = await openDB(name, 1, {
    upgrade: (db) => void db.createObjectStore(objectStore),
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
  try {
    return (await database.get(objectStore, device)) ?? (await makeKey(database));
  } finally {
    database.close();
  }
}

/** Makes the root and stores it, unless another tab was faster; then that tab's key is the key. */
async function makeKey(database: IDBPDatabase): Promise<CryptoKey> {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const key = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveBits', 'deriveKey']);
  bytes.fill(0);
  const transaction = database.transaction(objectStore, 'readwrite', { durability: 'strict' });
  const present = (await transaction.store.get(device)) as CryptoKey | undefined;
  if (present === undefined) await transaction.store.add(key, device);
  await transaction.done;
  return present ?? key;
}
