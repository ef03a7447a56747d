import type { SqlValue } from '../record-row.ts';
import type { MysqlField, MysqlStatement } from './mysql-like.ts';

/** The columns that are text. It is UTF-8 in the database, whatever character set the connection has. */
const texts: ReadonlySet<string> = new Set(['partition', 'id', 'key_id', 'index_key_id', 'claim_owner']);
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * A statement of {@link mysqlSql} for mysql2, with the values in it: Hyperdrive and other proxies prepare no statements on
 * the server. Every text is written as the hexadecimal digits of its UTF-8, so that no value can be taken for SQL, and no
 * character set, collation or mode of the connection ever touches it.
 *
 * @param values those of the numbered parameters, `?1` first.
 */
export function mysqlStatement(sql: string, values: readonly SqlValue[]): MysqlStatement {
  return {
    sql: sql.replace(/\?(\d+)/g, (_, number: string) => literal(values[Number(number) - 1] as SqlValue)),
    namedPlaceholders: false,
    rowsAsArray: false,
    nestTables: false,
    typeCast,
  };
}

function literal(value: SqlValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  const bytes =
    typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.length);
  return `X'${bytes.toString('hex')}'`;
}

function typeCast({ name, type }: MysqlField, next: () => unknown): unknown {
  const value = next();
  if (value instanceof Uint8Array) return texts.has(name) ? decoder.decode(value) : value;
  // a text, where a pool is set so
  return type === 'LONGLONG' && value !== null ? Number(value) : value;
}
