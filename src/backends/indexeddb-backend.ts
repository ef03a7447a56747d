import type { KeptRecord, RecordBackend } from '../core/record-backend.ts';
import { claimRecord, releaseRecord } from './claim-record.ts';
import { deleteRecord } from './delete-record.ts';
import { dueRows } from './due-rows.ts';
import { findRows } from './find-rows.ts';
import { indexedDbConnection } from './indexeddb-connection.ts';
import { claimOf, type IndexedDbRow, recordFromIndexedDb } from './indexeddb-row.ts';
import { nameCursor } from './name-cursor.ts';
import { partitionRange } from './partition-range.ts';
import { recordPage } from './record-page.ts';
import { countKeys, scanRows } from './scan-rows.ts';
import { writeEachRecord, writeRecord } from './write-record.ts';

/** What {@link indexedDbBackend} can be told. */
export interface IndexedDbBackendOptions {
  /** The database. Default `tokenkeep`. */
  readonly name?: string;
  /** The clock of the claims, in epoch milliseconds; all tabs share it. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Keeps records in IndexedDB, in a page or a worker of one. Every operation is one transaction, and a write is acknowledged
 * when it is on disk. Opens on first use; reopens when the browser, or a tab that upgrades or deletes the database, has
 * closed it. The first write asks the browser to keep the site's data, without waiting for the answer.
 *
 * @throws `E_UNSUPPORTED` where there is no IndexedDB.
 */
export function indexedDbBackend({ name = 'tokenkeep', now = Date.now }: IndexedDbBackendOptions = {}): RecordBackend {
  const { run } = indexedDbConnection(name);
  const kept = (row: IndexedDbRow): KeptRecord => recordFromIndexedDb(row, now());

  return {
    capabilities: { compareAndSet: true, strongReads: true, atomicClear: true },

    async get(partition, id) {
      const row = await run('readonly', (records) => records.get([partition, id]));
      return row && kept(row);
    },

    async find(partition, field, values) {
      const rows = await run('readonly', (records) => findRows(records, partition, field, values));
      return rows.map(kept);
    },

    async put(record, condition) {
      return run('readwrite', writeRecord(record, condition), 'conflict');
    },

    async putEach(writes) {
      return writes.length === 0 ? [] : run('readwrite', writeEachRecord(writes));
    },

    async claim(partition, id, request) {
      return run('readwrite', claimRecord(partition, id, request, now));
    },

    async release(partition, id, release) {
      await run('readwrite', releaseRecord(partition, id, release, now));
    },

    async delete(partition, id) {
      const row = await run('readwrite', deleteRecord(partition, id));
      return row && kept(row);
    },

    async page(partition, limit, cursor) {
      const rows = await run('readonly', (records) => records.getAll(partitionRange(partition, cursor), limit + 1));
      return recordPage(rows.map(kept), limit);
    },

    async clear(partition) {
      await run('readwrite', async (records, lastWrite) => lastWrite(records.delete(partitionRange(partition))));
    },

    async scan(limit, options) {
      const rows = await run('readonly', scanRows(limit + 1, options));
      return recordPage(rows.map(kept), limit, nameCursor);
    },

    async keyUse(partition) {
      return run('readonly', countKeys(partition));
    },

    // A browser holds few records: looking at each costs less than an index that every write would pay for.
    async due(partition, at, limit) {
      const rows = await run('readonly', (records) => records.getAll(partitionRange(partition)));
      const candidates = rows.map((row) => {
        const record = kept(row);
        return { record, dueAt: record.dueAt, claim: claimOf(row) };
      });
      return dueRows(candidates, at, limit, now()).map(({ record }) => record);
    },

    async deleteExpired(at, limit) {
      // IndexedDB takes a limit of 0 for none.
      if (at <= 0 || limit <= 0) return 0;
      return run('readwrite', async (records) => {
        const expired = await records.index('expiresAt').getAllKeys(IDBKeyRange.bound(0, at, true), limit);
        await Promise.all(expired.map((key) => records.delete(key)));
        return expired.length;
      });
    },
  };
}
