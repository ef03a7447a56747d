import { isReadOnly, isStuck } from './mysql-error.ts';
import type { MysqlConnectionLike, MysqlPoolLike, MysqlStatement } from './mysql-like.ts';

/** How long a statement may take, the wait for a free connection included, in milliseconds. */
const limitMs = 20_000;

/** By the name that mysql2 has for it. */
class LateAnswer extends Error {
  readonly code: string = 'PROTOCOL_SEQUENCE_TIMEOUT';
}

/**
 * What the server answers to a statement: rows, or what a write did. The time that it takes is bounded.
 *
 * @throws an error of mysql2, also when there is no answer in time. The statement may have been executed all the same.
 */
export async function mysqlAnswer(
  pool: MysqlPoolLike | MysqlConnectionLike,
  statement: MysqlStatement,
): Promise<unknown> {
  if (!('getConnection' in pool)) return answerOn(pool, statement);
  const acquiring = pool.getConnection();
  const connection = await inTime(acquiring).catch((error: unknown) => {
    acquiring.then(
      (unwanted) => unwanted.release(),
      () => undefined,
    );
    throw error;
  });
  try {
    return await answerOn(connection, statement);
  } finally {
    connection.release();
  }
}

async function answerOn(connection: MysqlConnectionLike, statement: MysqlStatement): Promise<unknown> {
  const [answer] = await inTime(connection.query(statement)).catch((error: unknown) => {
    // Where there is another server to write to by now, a new connection leads there.
    if (isStuck(error) || isReadOnly(error)) connection.destroy();
    throw error;
  });
  return answer;
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LateAnswer()), limitMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
