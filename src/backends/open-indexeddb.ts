import { openDB } from 'idb';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import {
  createObjectStore,
  type IndexedDbDatabase,
  type IndexedDbSchema,
  indexedDbVersion,
} from './indexeddb-schema.ts';

/** How long a browser may take to open the database. Some hang (Safari 14 did), and so does one that another tab deletes. */
const timeoutMs = 5000;

/**
 * Opens the database of this name.
 *
 * @param onLost called when the connection has ended: closed by the browser, or by us because another tab wants to upgrade or
 * delete the database.
 * @throws `E_UNSUPPORTED` where there is no IndexedDB, `E_STORAGE` when it does not open in time.
 */
export function openIndexedDb(name: string, onLost: () => void): Promise<IndexedDbDatabase> {
  return new Promise((resolve, reject) => {
    let waiting = true;
    const giveUp = (message: string): void => {
      waiting = false;
      clearTimeout(timer);
      reject(new TokenkeepError('E_STORAGE', message));
    };
    const timer = setTimeout(
      () => giveUp('the browser did not open the database in time; close other tabs of this site, then reload'),
      timeoutMs,
    );
    open(name, () => giveUp('another tab holds an older version of the database; close it, then reload'), onLost).then(
      (database) => {
        clearTimeout(timer);
        if (waiting) resolve(database);
        else database.close();
      },
      (error: unknown) => {
        if (error instanceof TokenkeepError) reject(error);
        giveUp('the browser did not open the database; allow site data for this page, then reload');
      },
    );
  });
}

/** Asynchronous so that a browser that forbids even the look at `indexedDB` rejects, and does not throw. */
async function open(name: string, onBlocked: () => void, onLost: () => void): Promise<IndexedDbDatabase> {
  if (globalThis.indexedDB === undefined) {
    throw new TokenkeepError('E_UNSUPPORTED', 'there is no IndexedDB here; use another backend');
  }
  return openDB<IndexedDbSchema>(name, indexedDbVersion, {
    upgrade: createObjectStore,
    blocked: onBlocked,
    // At once, lest the tab that waits to upgrade or to delete waits for us.
    blocking: (_current, _wanted, event) => {
      (event.target as IDBDatabase).close();
      onLost();
    },
    terminated: onLost,
  });
}
