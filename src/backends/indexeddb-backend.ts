import { claimed, released } from '../core/claim.ts';
import type { RecordBackend } from '../core/record-backend.ts';
import { findRows } from './find-rows.ts';
import { indexedDbConnection } from './indexeddb-connection.ts';
import { recordFromIndexedDb } from './indexeddb-row.ts';
import { partitionRange } from './partition-range.ts';
import { recordPage } from './record-page.ts';
import { writeRecord } from './write-record.ts';

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

  return {
    capabilities: { compareAndSet: true, strongReads: true, atomicClear: true },

    async get(partition, id) {
      const row = await run('readonly', (records) => records.get([partition, id]));
      return row && recordFromIndexedDb(row);
    },

    async find(partition, field, values) {
      const rows = await run('readonly', (records) => findRows(records, partition, field, values));
      return rows.map(recordFromIndexedDb);
    },

    async put(record, condition) {
      return run('readwrite', writeRecord(record, condition), 'conflict');
    },

    async claim(partition, id, request) {
      return run('readwrite', async (records, lastWrite) => {
        const current = await records.get([partition, id]);
        if (current === undefined) return 'refused';
        const { outcome, claim } = claimed(current.claim, current.revision, request, now());
        if (outcome !== 'refused') lastWrite(records.put({ ...current, claim }));
        return outcome;
      });
    },

    async release(partition, id, release) {
      await run('readwrite', async (records, lastWrite) => {
        const current = await records.get([partition, id]);
        if (current?.claim.owner !== release.owner) return;
        lastWrite(records.put({ ...current, claim: released(current.claim, current.revision, release) }));
      });
    },

    async delete(partition, id) {
      await run('readwrite', async (records, lastWrite) => lastWrite(records.delete([partition, id])));
    },

    async page(partition, limit, cursor) {
      const rows = await run('readonly', (records) => records.getAll(partitionRange(partition, cursor), limit + 1));
      return recordPage(rows.map(recordFromIndexedDb), limit);
    },

    async clear(partition) {
      await run('readwrite', async (records, lastWrite) => lastWrite(records.delete(partitionRange(partition))));
    },

    async countByKeyId(keyId, partition) {
      return run('readonly', async (records) => {
        let count = 0;
        for await (const { value } of records.iterate(partition === undefined ? null : partitionRange(partition))) {
          if (value.keyId === keyId || value.indexKeyId === keyId) count++;
        }
        return count;
      });
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
