import type { SqlValue } from '../record-row.ts';
import type { MysqlField, MysqlStatement } from './mysql-like.ts';

/** The columns that are text. It is UTF-8 in the database, whatever character set the connection has. */
const texts: ReadonlySet<string> = new Set(['partition', 'id', 'key_id', 'index_key_id', 'claim_owner']);
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * A statement of {@link mysqlSql} for mysql2. Texts are sent as bytes and come back as bytes: no character set and no collation
 * ever touches them. Whole numbers are sent as `bigint`, because mysql2 makes a `number` a floating-point one, which MySQL
 * refuses after LIMIT.
 *
 * @param values those of the numbered parameters, `?1` first.
 */
export function mysqlStatement(sql: string, values: readonly SqlValue[]): MysqlStatement {
  const order = [...sql.matchAll(numberedParameter)].map(([, number]) => values[Number(number) - 1] as SqlValue);
  return {
    sql: sql.replace(numberedParameter, '?'),
    values: order.map(parameter),
    namedPlaceholders: false,
    rowsAsArray: false,
    nestTables: false,
    typeCast,
  };
}

const numberedParameter = /\?(\d+)/g;

function parameter(value: SqlValue): Uint8Array | number | bigint | null {
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  // as a Buffer: mysql2 takes no other typed array for bytes
  return value && Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function typeCast({ name, type }: MysqlField, next: () => unknown): unknown {
  const value = next();
  if (value instanceof Uint8Array) return texts.has(name) ? decoder.decode(value) : value;
  // a text, where a pool is set so
  return type === 'LONGLONG' && value !== null ? Number(value) : value;
}
