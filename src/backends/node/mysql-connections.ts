import { createPool, type Pool } from 'mysql2/promise';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import type { MysqlStatement } from './mysql-statement.ts';

/** The part of a connection of `mysql2/promise` that is called. */
export interface MysqlConnectionLike {
  execute(statement: MysqlStatement): Promise<readonly unknown[]>;
  destroy(): void;
}

/** The part of a pool of `mysql2/promise` that is called. */
export interface MysqlPoolLike {
  getConnection(): Promise<MysqlConnectionLike & { release(): void }>;
}

/** How to reach a server. The defaults are those of Zoho's SDK. */
export interface MysqlServer {
  /** Default `localhost`. */
  readonly host?: string;
  /** Default 3306. */
  readonly port?: number;
  /** Default `zohooauth`. It has to exist. */
  readonly database?: string;
  /** Default `root`. */
  readonly user?: string;
  /** Default none. */
  readonly password?: string;
}

/** How long to wait for a connection, and for a lock that somebody else holds. */
const patienceMs = 5_000;

/** How long a statement may take, the wait for a free connection included. */
const answerMs = 20_000;

/**
 * Our own pool. A server that is not what it should be gets nothing out of it: column names are not compiled
 * into code, and no file is sent.
 */
export function mysqlPool({
  host = 'localhost',
  port = 3306,
  database = 'zohooauth',
  user = 'root',
  password = '',
}: MysqlServer): Pool {
  const pool = createPool({
    ...{ host, port, database, user, password },
    connectTimeout: patienceMs,
    keepAliveInitialDelay: 30_000,
    disableEval: true,
    flags: ['-LOCAL_FILES'],
  });
  const seconds = patienceMs / 1000;
  pool.pool.on('connection', (connection) => {
    const settings = `autocommit = 1, sql_mode = 'STRICT_ALL_TABLES', lock_wait_timeout = ${seconds}, innodb_lock_wait_timeout = ${seconds}`;
    // A server that refuses a setting still serves; a lost connection is noticed by the next statement.
    connection.query(`SET SESSION ${settings}`, () => undefined);
  });
  return pool;
}

/** Executes a statement on a connection of the pool, or on the one connection. Bounded in time. */
export async function executeOn(
  pool: MysqlPoolLike | MysqlConnectionLike,
  statement: MysqlStatement,
): Promise<unknown> {
  if (!('getConnection' in pool)) return execute(pool, statement);
  const acquiring = pool.getConnection();
  const connection = await inTime(acquiring).catch((error: unknown) => {
    acquiring.then(
      (late) => late.release(),
      () => undefined,
    );
    throw error;
  });
  try {
    return await execute(connection, statement);
  } finally {
    connection.release();
  }
}

async function execute(connection: MysqlConnectionLike, statement: MysqlStatement): Promise<unknown> {
  const [result] = await inTime(connection.execute(statement)).catch((error: unknown) => {
    // A connection with an answer outstanding is of no use to anybody; on one that can only read, a pool would stay stuck.
    if (error === late || readOnly.has(Object(error).errno)) connection.destroy();
    throw error;
  });
  return result;
}

/** A server that takes no writes any more may have handed over to another one, to which a new connection leads. */
const readOnly: ReadonlySet<unknown> = new Set([1290, 1792, 1836]);

const late = new TokenkeepError('E_STORAGE', 'the database did not answer in time; read again, then repeat the change');

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, answerMs, late);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
