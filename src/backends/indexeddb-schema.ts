import type { DBSchema, IDBPDatabase, IDBPObjectStore } from 'idb';
import type { IndexedDbRow } from './indexeddb-row.ts';

/** The database: one object store, whose indexes hold binary keys. */
export interface IndexedDbSchema extends DBSchema {
  records: {
    key: [partition: string, id: string];
    value: IndexedDbRow;
    indexes: {
      /** Unique: `[partition, identity]`. */
      identity: [string, BufferSource];
      /** One entry for each lookup: `[partition, field, value]`. */
      lookups: [string, string, BufferSource];
      /** Numbers. A record that never expires has no entry. */
      expiresAt: number;
    };
  };
}

/** An open connection. */
export type IndexedDbDatabase = IDBPDatabase<IndexedDbSchema>;

/** The object store inside a transaction of the given mode. */
export type IndexedDbRecords<Mode extends IDBTransactionMode> = IDBPObjectStore<
  IndexedDbSchema,
  ['records'],
  'records',
  Mode
>;

/** Version of the object store and its indexes. */
export const indexedDbVersion = 1;

/** Makes the object store of a new database. */
export function createObjectStore(database: IndexedDbDatabase): void {
  const records = database.createObjectStore('records', { keyPath: ['partition', 'id'] });
  records.createIndex('identity', ['partition', 'identity'], { unique: true });
  records.createIndex('lookups', 'lookups', { multiEntry: true });
  records.createIndex('expiresAt', 'expiresAt');
}
