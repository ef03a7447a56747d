import type { PutCondition, PutOutcome, RecordBackend, StoredRecord } from '../core/record-backend.ts';
import { keyTally } from './key-tally.ts';
import { cursorPlace, placeCursor } from './place-cursor.ts';
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

/** A statement of {@link recordSql}, and the values of its numbered parameters. */
export interface SqlStatement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** A database that has the table. Failures are typed. */
export interface SqlDatabase {
  readonly run: RunSql;
  /**
   * Runs several statements that write, each as {@link RunSql} does, and resolves with the rows of each. In as few round trips
   * as the database can, one seeing what those before it wrote or at the same time; where it rejects, any may have taken place.
   */
  runEach(statements: readonly SqlStatement[]): Promise<readonly (readonly RecordRow[])[]>;
}

/**
 * The operations of a record backend over a database that speaks SQL: each of them is one statement, but of many writes each.
 *
 * @param sql the statements in the database's dialect. Default those for SQLite.
 */
export function sqlRecords({ run, runEach }: SqlDatabase, sql: RecordSql = recordSql): RecordBackend {
  const writing = (record: StoredRecord, condition: PutCondition): SqlStatement => {
    const { revision, claimOwner = null, renewed = false } = condition;
    const values = rowValues(record);
    return revision === undefined
      ? { sql: sql.insert, values }
      : { sql: sql.update, values: [...values, revision, claimOwner, Number(renewed)] };
  };
  const outcomeOf = (rows: readonly RecordRow[]): PutOutcome => (rows.length === 1 ? 'stored' : 'conflict');

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

    async put(record, condition) {
      const statement = writing(record, condition);
      return outcomeOf(await run(statement.sql, ...statement.values));
    },

    async putEach(writes) {
      if (writes.length === 0) return [];
      return (await runEach(writes.map(({ record, condition }) => writing(record, condition)))).map(outcomeOf);
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

    async scan(limit, { cursor, except } = {}) {
      const { keyId = null, indexKeyId = null } = except ?? {};
      const rows = await run(sql.scan, ...cursorPlace(cursor), keyId, indexKeyId, limit + 1);
      return recordPage(rows.map(recordFromRow), limit, () => placeCursor(rows[limit - 1] as RecordRow));
    },

    async keyUse(partition) {
      const tally = keyTally();
      const rows = await (partition === undefined ? run(sql.keyUse) : run(sql.keyUseIn, partition));
      for (const row of rows) tally.add(row.key_id, row.index_key_id, Number(row.records));
      return tally.uses();
    },

    async due(partition, at, limit) {
      return (await run(sql.due, partition, at, limit)).map(recordFromRow);
    },

    async deleteExpired(now, limit) {
      return (await run(sql.deleteExpired, now, limit)).length;
    },
  };
}
