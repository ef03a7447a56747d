import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { RecordRow } from './record-row.ts';
import { requireBinding } from './require-binding.ts';
import type { RunSql } from './sql-records.ts';
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

/** What they say when nobody has applied the migrations, or not all: the one failure that trying again never mends. */
const unmigrated = /no such (table|column)|has no column/i;

/** Runs statements through the binding. Failures are typed. */
export function d1Database(db: D1Like): RunSql {
  requireBinding(db, 'a D1 database');
  return async (sql, ...values) => {
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
      if (unmigrated.test(said)) {
        throw new TokenkeepError('E_STORAGE', 'the database lacks tables of tokenkeep; apply its migrations first');
      }
      throw storageError(full.test(said));
    }
  };
}
