import type { D1Like, D1StatementLike } from '../../src/backends/d1-backend.ts';

/** What a statement cost. */
export interface CountedStatement {
  readonly sql: string;
  readonly values: readonly unknown[];
  readonly rowsWritten: number;
  /** How many statements went in the same round trip. */
  readonly together: number;
}

/** A D1 binding that notes every statement it runs. Each one run is one round trip, but for those of a batch. */
export function countingD1(db: D1Database): D1Like & { take(): readonly CountedStatement[] } {
  const counted: CountedStatement[] = [];
  const known = new WeakMap<D1StatementLike, Bound>();
  const count = ({ sql, values }: Bound, { meta }: D1Result, together: number): void => {
    counted.push({ sql, values, rowsWritten: meta.rows_written, together });
  };
  const statement = (bound: Bound): D1StatementLike => {
    const wrapped: D1StatementLike = {
      bind: (...values) => statement({ ...bound, prepared: bound.prepared.bind(...values), values }),
      all: async () => {
        const result = await bound.prepared.all();
        count(bound, result, 1);
        return result;
      },
    };
    known.set(wrapped, bound);
    return wrapped;
  };
  return {
    prepare: (sql) => statement({ sql, prepared: db.prepare(sql), values: [] }),
    batch: async (statements) => {
      const bound = statements.map((wrapped) => known.get(wrapped) as Bound);
      const results = await db.batch<Record<string, unknown>>(bound.map(({ prepared }) => prepared));
      for (const [i, result] of results.entries()) count(bound[i] as Bound, result, results.length);
      return results;
    },
    take: () => counted.splice(0),
  };
}

interface Bound {
  readonly sql: string;
  readonly prepared: D1PreparedStatement;
  readonly values: readonly unknown[];
}
