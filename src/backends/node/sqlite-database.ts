import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import type { RecordRow } from '../record-row.ts';
import type { RunSql } from '../sql-records.ts';
import { openSqlite, type SqliteConnection } from './open-sqlite.ts';
import { OpenTransaction, sqliteError } from './sqlite-error.ts';
import type { SqliteLike } from './sqlite-like.ts';
import { whenUnlocked } from './when-unlocked.ts';

/** A database that opens itself with the first statement. */
export interface SqliteDatabase {
  readonly run: RunSql;
  /** Closes what was opened here, once the statements under way have ended. */
  close(): Promise<void>;
}

/** The database of this path or of this connection. Failures are typed. */
export function sqliteDatabase(database: string | SqliteLike): SqliteDatabase {
  const isNamed = typeof database === 'string' && database !== '' && !database.includes('\0');
  if (!isNamed && typeof (database as SqliteLike | undefined)?.prepare !== 'function') {
    throw new TokenkeepError(
      'E_CONFIG',
      'there is no database; name a file, :memory: or a DatabaseSync of node:sqlite',
    );
  }
  const underWay = new Set<Promise<unknown>>();
  let connection: SqliteConnection | undefined;
  let closed = false;

  return {
    async run(sql, ...values) {
      if (closed) throw new TokenkeepError('E_STORAGE', 'the backend was closed; make a new one');
      const rows = whenUnlocked((): readonly RecordRow[] => {
        if (!isNamed && (database as SqliteLike).isTransaction) throw new OpenTransaction();
        // one that could not be opened is opened anew by the next statement
        connection ??= openSqlite(database);
        return connection.run(sql, values);
      });
      underWay.add(rows);
      try {
        return await rows;
      } catch (error) {
        throw sqliteError(error);
      } finally {
        underWay.delete(rows);
      }
    },

    async close() {
      closed = true;
      await Promise.allSettled(underWay);
      connection?.close();
      connection = undefined;
    },
  };
}
