import type { RecordBackend } from '../core/record-backend.ts';
import { recordPage } from './record-page.ts';
import { type RecordRow, recordFromRow, rowValues, type SqlValue } from './record-row.ts';
import { type RecordSql, recordSql } from './record-sql.ts';

/**
 * Runs one statement of {@link recordSql}, atomically, and resolves with the rows it returns.
 *
 * @param values those of the numbered parameters, `?1` first.
 * @throws `E_STORAGE`, `E_QUOTA` and what else the database's adapter makes of its errors.
 */
export type RunSql = (sql: string, ...values: readonly SqlValue[]) => Promise<readonly RecordRow[]>;

/**
 * The operations of a record backend over a database that speaks SQL: each of them is one statement.
 *
 * @param sql the statements in the database's dialect. Default those for SQLite.
 */
export function sqlRecords(run: RunSql, sql: RecordSql = recordSql): RecordBackend {
  return {
    capabilities: { compareAndSet: true, strongReads: true, atomicClear: true },

    async get(partition, id) {
      const [row] = await run(sql.get, partition, id);
      return row && recordFromRow(row);
    },

    async find(partition, field, values) {
      if (values.length === 0) return [];
      return (await run(sql.find(field, values.length), partition, ...values)).map(recordFromRow);
    },

    async put(record, { revision, claimOwner = null, renewed = false }) {
      const values = rowValues(record);
      const rows = await (revision === undefined
        ? run(sql.insert, ...values)
        : run(sql.update, ...values, revision, claimOwner, Number(renewed)));
      return rows.length === 1 ? 'stored' : 'conflict';
    },

    async claim(partition, id, { revision, owner, ttlMs }) {
      const [row] = await run(sql.claim, partition, id, revision, owner, ttlMs);
      return row === undefined ? { granted: false } : { granted: true, doubts: row.doubts as number };
    },

    async release(partition, id, { owner, coolingMs = 0, inDoubt = false }) {
      await run(sql.release, partition, id, owner, coolingMs, Number(inDoubt));
    },

    async delete(partition, id) {
      const [row] = await run(sql.delete, partition, id);
      return row && recordFromRow(row);
    },

    async page(partition, limit, cursor = '') {
      const rows = await run(sql.page, partition, cursor, limit + 1);
      return recordPage(rows.map(recordFromRow), limit);
    },

    async clear(partition) {
      await run(sql.clear, partition);
    },

    async countByKeyId(keyId, partition) {
      const [row] = await (partition === undefined ? run(sql.count, keyId) : run(sql.countIn, keyId, partition));
      return row?.records as number;
    },

    async due(partition, at, limit) {
      return (await run(sql.due, partition, at, limit)).map(recordFromRow);
    },

    async deleteExpired(now, limit) {
      return (await run(sql.deleteExpired, now, limit)).length;
    },
  };
}
