import type { D1Like, D1StatementLike } from '../../src/backends/d1-backend.ts';

/** What a statement cost. */
export interface CountedStatement {
  readonly sql: string;
  readonly values: readonly unknown[];
  readonly rowsWritten: number;
}

/** A D1 binding that notes every statement it runs. Each one run is one round trip. */
export function countingD1(db: D1Database): D1Like & { take(): readonly CountedStatement[] } {
  const counted: CountedStatement[] = [];
  const statement = (sql: string, prepared: D1PreparedStatement, values: readonly unknown[]): D1StatementLike => ({
    bind: (...bound) => statement(sql, prepared.bind(...bound), bound),
    all: async () => {
      const result = await prepared.all();
      counted.push({ sql, values, rowsWritten: result.meta.rows_written });
      return result;
    },
  });
  return {
    prepare: (sql) => statement(sql, db.prepare(sql), []),
    take: () => counted.splice(0),
  };
}
