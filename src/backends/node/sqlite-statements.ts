import type { RecordRow, SqlValue } from '../record-row.ts';
import type { SqliteLike, SqliteStatementLike } from './sqlite-like.ts';

/** How many prepared statements are kept: all that a store needs, unless it searches by many keys. */
const most = 40;

/** Runs statements over a connection. Prepares each text once, and forgets what was not run for longest. */
export function sqliteStatements(db: SqliteLike): (sql: string, values: readonly SqlValue[]) => readonly RecordRow[] {
  const prepared = new Map<string, SqliteStatementLike>();

  const statementOf = (sql: string): SqliteStatementLike => {
    const statement = prepared.get(sql) ?? prepare(db, sql);
    prepared.delete(sql);
    prepared.set(sql, statement);
    for (const [oldest] of prepared) {
      if (prepared.size <= most) break;
      prepared.delete(oldest);
    }
    return statement;
  };

  return (sql, values) => {
    // By name: the first versions of Node 22 and 24 refuse to bind numbered parameters by their place.
    const named = Object.fromEntries(values.map((value, i) => [`?${i + 1}`, value]));
    return (statementOf(sql).all(named) as Record<string, unknown>[]).map(withNumbers);
  };
}

function prepare(db: SqliteLike, sql: string): SqliteStatementLike {
  const statement = db.prepare(sql);
  // A number that is too large for JavaScript would fail the statement, and spoil a listing for one altered row.
  statement.setReadBigInts(true);
  statement.setReturnArrays?.(false);
  return statement;
}

function withNumbers(row: Record<string, unknown>): RecordRow {
  for (const [name, value] of Object.entries(row)) if (typeof value === 'bigint') row[name] = Number(value);
  return row;
}
