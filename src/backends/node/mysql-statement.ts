import type { RecordRow, SqlValue } from '../record-row.ts';

/** A statement as mysql2 executes it, with every setting of its own that a pool could have set otherwise. */
export interface MysqlStatement {
  readonly sql: string;
  readonly values: (Buffer | number | bigint | null)[];
  readonly namedPlaceholders: false;
  readonly rowsAsArray: false;
  readonly nestTables: false;
  /** How mysql2 turns a column into a value. */
  typeCast(field: { readonly type: string }, next: () => unknown): unknown;
}

/** What a statement that wrote was answered with. Numbers can be texts, where a pool is set so. */
export interface MysqlResult {
  readonly affectedRows: number | string;
  readonly insertId: number | string;
  readonly serverStatus: number;
}

/** Names in the database are UTF-8, whatever character set the connection has. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * A statement of {@link MysqlSql} for mysql2. Texts are sent as bytes and come back as bytes, so that no character set and no
 * collation ever touches them. Whole numbers are handed over as `bigint`: a `number` becomes floating point in mysql2, which
 * MySQL refuses after LIMIT.
 *
 * @param values those of the numbered parameters, `?1` first.
 */
export function mysqlStatement(sql: string, values: readonly SqlValue[]): MysqlStatement {
  const numbers: number[] = [];
  const text = sql.replace(/\?(\d+)/g, (_, number: string) => {
    numbers.push(Number(number));
    return '?';
  });
  return {
    sql: text,
    values: numbers.map((number) => parameter(values[number - 1] as SqlValue)),
    namedPlaceholders: false,
    rowsAsArray: false,
    nestTables: false,
    typeCast: cast,
  };
}

function parameter(value: SqlValue): Buffer | number | bigint | null {
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  return value && Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function cast({ type }: { readonly type: string }, next: () => unknown): unknown {
  const value = next();
  if (value instanceof Uint8Array) return decoder.decode(value);
  return type === 'LONGLONG' && value !== null ? Number(value) : value;
}

/**
 * What a statement returned, as rows: those of a SELECT, and one for each row that was written, as the clause RETURNING gives
 * them, which MySQL lacks. A claim returns its doubts by way of LAST_INSERT_ID().
 */
export function returnedRows(result: unknown): readonly RecordRow[] {
  if (Array.isArray(result)) return result as readonly RecordRow[];
  const { affectedRows, insertId } = result as MysqlResult;
  const written = Math.max(Number(affectedRows), Number(insertId) > 0 ? 1 : 0);
  return Array.from({ length: written }, () => ({ doubts: Number(insertId) - 1 }));
}
