import type { SqlValue } from '../record-row.ts';

/** The part of `DatabaseSync` of `node:sqlite` that {@link sqliteBackend} calls. */
export interface SqliteLike {
  /** Whether a transaction is open. Node says so since 22.16; before that no operation waits for its end. */
  readonly isTransaction?: boolean;
  exec(sql: string): void;
  prepare(sql: string): SqliteStatementLike;
}

/** The part of `StatementSync` of `node:sqlite` that {@link sqliteBackend} calls. */
export interface SqliteStatementLike {
  all(values: Record<string, SqlValue>): unknown[];
  setReadBigInts(enabled: boolean): void;
  /** Node has it since 22.16, as it has the setting of a connection that this undoes. */
  setReturnArrays?(enabled: boolean): void;
}
