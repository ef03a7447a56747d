import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { RecordRow } from './record-row.ts';
import { requireBinding } from './require-binding.ts';
import type { SqlDatabase, SqlStatement } from './sql-records.ts';
import { storageError } from './storage-error.ts';

/** The part of Cloudflare's `D1Database` that {@link d1Backend} calls. */
export interface D1Like {
  prepare(query: string): D1StatementLike;
  batch(statements: D1StatementLike[]): Promise<readonly { readonly results: readonly RecordRow[] }[]>;
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

/** How much D1 is sent at once: a batch is one transaction, which ends after 30 seconds, and one message. */
const most = { statements: 100, bytes: 2 ** 20 };

/** Runs statements through the binding. Failures are typed. */
export function d1Database(db: D1Like): SqlDatabase {
  requireBinding(db, 'a D1 database');
  const prepared = ({ sql, values }: SqlStatement): D1StatementLike => db.prepare(sql).bind(...values);
  return {
    run: (sql, ...values) => typed(async () => (await prepared({ sql, values }).all()).results),

    async runEach(statements) {
      const rows: (readonly RecordRow[])[] = [];
      for (const batch of batches(statements)) {
        const answers = await typed(() => db.batch(batch.map(prepared)));
        rows.push(...answers.map(({ results }) => results));
      }
      return rows;
    },
  };
}

async function typed<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    // Never tried again here: a write whose acknowledgement was lost may have taken place.
    const said = String(error);
    if (unmigrated.test(said)) {
      throw new TokenkeepError('E_STORAGE', 'the database lacks tables of tokenkeep; apply its migrations first');
    }
    throw storageError(full.test(said));
  }
}

/** The statements in their order, as many at once as D1 is to be sent. One that is too large alone is left to D1. */
function* batches(statements: readonly SqlStatement[]): Generator<readonly SqlStatement[], void, undefined> {
  let batch: SqlStatement[] = [];
  let bytes = 0;
  for (const statement of statements) {
    const size = statement.values.reduce<number>(
      (sum, value) => sum + (value instanceof Uint8Array ? value.length : 0),
      0,
    );
    if (batch.length === most.statements || (batch.length > 0 && bytes + size > most.bytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(statement);
    bytes += size;
  }
  yield batch;
}
