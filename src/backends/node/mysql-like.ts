/** The part of a column's description by mysql2 that is read. */
export interface MysqlField {
  readonly name: string;
  readonly type: string;
}

/** A statement as mysql2 takes it, with every setting in it that a pool could have set otherwise. */
export interface MysqlStatement {
  readonly sql: string;
  readonly namedPlaceholders: false;
  readonly rowsAsArray: false;
  readonly nestTables: false;
  /** Turns a column into a value. */
  typeCast(field: MysqlField, next: () => unknown): unknown;
}

/** The part of a connection of `mysql2/promise` that is called. */
export interface MysqlConnectionLike {
  query(statement: MysqlStatement): Promise<readonly unknown[]>;
  destroy(): void;
}

/** The part of a pool of `mysql2/promise` that is called. */
export interface MysqlPoolLike {
  getConnection(): Promise<MysqlConnectionLike & { release(): void }>;
}
