import type { RecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { recordPage } from './record-page.ts';
import { type RecordRow, recordFromRow, rowValues } from './record-row.ts';
import { recordSql } from './record-sql.ts';
import { storageError } from './storage-error.ts';

/** The part of Cloudflare's `D1Database` that {@link d1Backend} calls. */
export interface D1Like {
  prepare(query: string): D1StatementLike;
}

/** The part of Cloudflare's `D1PreparedStatement` that {@link d1Backend} calls. */
export interface D1StatementLike {
  bind(...values: unknown[]): D1StatementLike;
  all(): Promise<{ readonly results: readonly RecordRow[] }>;
}

/** What D1 and SQLite say when a database, an account or a row is at its limit. */
const full = /SQLITE_FULL|SQLITE_TOOBIG|disk is full|too big|maximum DB size|maximum account storage/i;

/** What they say when nobody has applied the migrations: the one failure that trying again never mends. */
const noTable = /no such table/i;

/**
 * Keeps records in a D1 database that has the tables of `migrations/`. Every operation is one statement, and claims go by
 * the database's clock.
 *
 * @param db the binding itself, such as `env.DB`. A session of it (`withSession`) may read from a replica, and a claim must
 * not rest on what a replica says.
 */
export function d1Backend(db: D1Like): RecordBackend {
  const run = async (sql: string, ...values: unknown[]): Promise<readonly RecordRow[]> => {
    try {
      return (
        await db
          .prepare(sql)
          .bind(...values)
          .all()
      ).results;
    } catch (error) {
      // Never tried again here: a write whose acknowledgement was lost may have taken place.
      const said = String(error);
      if (noTable.test(said)) {
        throw new TokenkeepError('E_STORAGE', 'the database has no table of tokenkeep; apply its migrations first');
      }
      throw storageError(full.test(said));
    }
  };

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

    async put(record, { revision, claimOwner = null }) {
      const values = rowValues(record);
      const rows = await (revision === undefined
        ? run(recordSql.insert, ...values)
        : run(recordSql.update, ...values, claimOwner, revision));
      return rows.length === 1 ? 'stored' : 'conflict';
    },

    async claim(partition, id, { revision, owner, ttlMs }) {
      const [row] = await run(recordSql.claim, partition, id, revision, owner, ttlMs);
      if (row === undefined) return 'refused';
      return row.in_doubt === 1 ? 'in-doubt' : 'granted';
    },

    async release(partition, id, { owner, retryAt = 0, inDoubt = false }) {
      await run(recordSql.release, partition, id, owner, retryAt, Number(inDoubt));
    },

    async delete(partition, id) {
      await run(recordSql.delete, partition, id);
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

    async deleteExpired(now, limit) {
      return (await run(recordSql.deleteExpired, now, limit)).length;
    },
  };
}
