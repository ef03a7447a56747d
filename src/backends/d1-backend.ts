import type { RecordBackend } from '../core/record-backend.ts';
import { type D1Like, d1Database } from './d1-database.ts';
import { recordPage } from './record-page.ts';
import { recordFromRow, rowValues } from './record-row.ts';
import { recordSql } from './record-sql.ts';

export type { D1Like, D1StatementLike } from './d1-database.ts';

/**
 * Keeps records in a D1 database that has the tables of `migrations/`. Every operation is one statement, and claims go by
 * the database's clock.
 *
 * @param db the binding itself, such as `env.DB`. A session of it (`withSession`) may read from a replica, and a claim must
 * not rest on what a replica says.
 * @throws `E_CONFIG` when there is no such binding.
 */
export function d1Backend(db: D1Like): RecordBackend {
  const { run } = d1Database(db);

  return {
    capabilities: { compareAndSet: true, strongReads: true, atomicClear: true },

    async get(partition, id) {
      const [row] = await run(recordSql.get, partition, id);
      return row && recordFromRow(row);
    },

    async find(partition, field, values) {
      if (values.length === 0) return [];
      return (await run(recordSql.find(field, values.length), partition, ...values)).map(recordFromRow);
    },

    async put(record, { revision, claimOwner = null, renewed = false }) {
      const values = rowValues(record);
      const rows = await (revision === undefined
        ? run(recordSql.insert, ...values)
        : run(recordSql.update, ...values, revision, claimOwner, Number(renewed)));
      return rows.length === 1 ? 'stored' : 'conflict';
    },

    async claim(partition, id, { revision, owner, ttlMs }) {
      const [row] = await run(recordSql.claim, partition, id, revision, owner, ttlMs);
      return row === undefined ? { granted: false } : { granted: true, doubts: row.doubts as number };
    },

    async release(partition, id, { owner, coolingMs = 0, inDoubt = false }) {
      await run(recordSql.release, partition, id, owner, coolingMs, Number(inDoubt));
    },

    async delete(partition, id) {
      const [row] = await run(recordSql.delete, partition, id);
      return row && recordFromRow(row);
    },

    async page(partition, limit, cursor = '') {
      const rows = await run(recordSql.page, partition, cursor, limit + 1);
      return recordPage(rows.map(recordFromRow), limit);
    },

    async clear(partition) {
      await run(recordSql.clear, partition);
    },

    async countByKeyId(keyId, partition) {
      const [row] = await (partition === undefined
        ? run(recordSql.count, keyId)
        : run(recordSql.countIn, keyId, partition));
      return row?.records as number;
    },

    async due(partition, at, limit) {
      return (await run(recordSql.due, partition, at, limit)).map(recordFromRow);
    },

    async deleteExpired(now, limit) {
      return (await run(recordSql.deleteExpired, now, limit)).length;
    },
  };
}
