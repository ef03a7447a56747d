import { randomBytes } from 'node:crypto';
import { type Connection, createConnection } from 'mysql2/promise';
import type { MariadbAddress } from './mariadb-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The MariaDB of this run. */
    mariadb: MariadbAddress;
  }
}

/** A database of its own on a server, empty. */
export interface MariadbDatabase {
  /** What `mysqlBackend` and mysql2 take. */
  readonly settings: MariadbAddress;
  /** A connection to it that may do everything. */
  readonly connection: Connection;
  /** Another user of the server, with these rights on this database, such as `SELECT, INSERT`; none at all without. */
  addUser(rights?: string): Promise<{ readonly user: string; readonly password: string }>;
  /** Deletes it. */
  drop(): Promise<void>;
}

/** Makes a database. */
export async function mariadbDatabase(server: MariadbAddress): Promise<MariadbDatabase> {
  const database = `d${randomBytes(8).toString('hex')}`;
  const connection = await createConnection({ ...server, multipleStatements: true });
  await connection.query(`CREATE DATABASE ${database}; USE ${database}`);
  return {
    settings: { ...server, database },
    connection,
    async addUser(rights) {
      const user = `u${randomBytes(8).toString('hex')}`;
      const password = randomBytes(16).toString('hex');
      await connection.query(`CREATE USER ${user}@'127.0.0.1' IDENTIFIED BY '${password}'`);
      if (rights !== undefined) await connection.query(`GRANT ${rights} ON ${database}.* TO ${user}@'127.0.0.1'`);
      return { user, password };
    },
    async drop() {
      await connection.query(`DROP DATABASE IF EXISTS ${database}`);
      await connection.end();
    },
  };
}
