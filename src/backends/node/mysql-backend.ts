import { fromHex } from '../../core/hex.ts';
import type { ClosableRecordBackend } from '../../core/record-backend.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { recordFromRow } from '../record-row.ts';
import { type RunSql, sqlRecords } from '../sql-records.ts';
import {
  executeOn,
  type MysqlConnectionLike,
  type MysqlPoolLike,
  type MysqlServer,
  mysqlPool,
} from './mysql-connections.ts';
import { isDuplicate, isMissingTable, isUndone, mysqlError } from './mysql-error.ts';
import { mysqlSql } from './mysql-sql.ts';
import { mysqlStatement, returnedRows } from './mysql-statement.ts';

export type { MysqlConnectionLike, MysqlPoolLike, MysqlServer } from './mysql-connections.ts';
export type { MysqlStatement } from './mysql-statement.ts';

/** Where {@link mysqlBackend} keeps records: on a server, or by way of connections that the caller has. */
export type MysqlBackendOptions = (MysqlServer | { readonly pool: MysqlPoolLike | MysqlConnectionLike }) & {
  /** Default `oauthtoken`. Made at the first use. */
  readonly table?: string;
};

/** Keeps records in a table of MySQL or MariaDB. */
export function mysqlBackend(options: MysqlBackendOptions = {}): ClosableRecordBackend {
  const { table = 'oauthtoken' } = options;
  if (!/^[A-Za-z0-9_]{1,64}$/.test(table)) {
    throw new TokenkeepError('E_CONFIG', 'table is no plain name; use letters, digits and underscores');
  }
  const own = 'pool' in options ? undefined : mysqlPool(options);
  const pool = 'pool' in options ? options.pool : (own as MysqlPoolLike);
  const sql = mysqlSql(table);
  const run: RunSql = async (text, ...values) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return returnedRows(await executeOn(pool, mysqlStatement(text, values)));
      } catch (error) {
        if (isDuplicate(error)) return [];
        if (isMissingTable(error) && attempt < 3)
          await executeOn(pool, mysqlStatement(sql.create, [])).catch((e) => {
            throw mysqlError(e);
          });
        else if (!isUndone(error) || attempt > 20) throw mysqlError(error);
      }
    }
  };
  return {
    ...sqlRecords(run, sql),
    async delete(partition, id) {
      for (;;) {
        const [row] = await run(sql.get, partition, id);
        if (row === undefined) return undefined;
        const gone = await run(sql.delete, partition, id, fromHex(row.sealed_hex as string), row.claim_owner as string);
        if (gone.length > 0) return recordFromRow(row);
      }
    },
    async close() {
      await own?.end();
    },
  };
}
