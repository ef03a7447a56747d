import { createConnection, createPool, type PoolOptions } from 'mysql2/promise';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { type MysqlConnections, mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';
import { kept, sampleRecord } from '../browser/sample-record.ts';
import { expectCode } from '../support/expect-code.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';

const { settings, drop } = await mariadbDatabase(inject('mariadb'));
const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
  await drop();
});

/** A pool that sets this on each of its connections. */
function poolOf(options: PoolOptions, session?: string): MysqlConnections['pool'] {
  const pool = createPool({ ...settings, ...options });
  if (session !== undefined) pool.pool.on('connection', (connection) => connection.query(`SET SESSION ${session}`));
  ends.push(() => pool.end());
  return pool;
}

async function connectionOf(options: PoolOptions): Promise<MysqlConnections['pool']> {
  const connection = await createConnection({ ...settings, ...options });
  ends.push(() => connection.end());
  return connection;
}

describe.each([
  [
    'whose rows and numbers look otherwise, and whose SQL has other rules',
    poolOf(
      {
        rowsAsArray: true,
        nestTables: true,
        supportBigNumbers: true,
        bigNumberStrings: true,
        decimalNumbers: true,
        dateStrings: true,
        namedPlaceholders: true,
        queryFormat: (sql: string) => sql,
        typeCast: () => 'cast',
        timezone: '-08:00',
        compress: true,
      },
      "sql_mode = 'SIMULTANEOUS_ASSIGNMENT,ANSI,NO_BACKSLASH_ESCAPES', sql_safe_updates = 1, time_zone = '+13:00'",
    ),
  ],
  [
    'that speaks Latin-1, counts only what changed, and cuts what is too long',
    poolOf({ charset: 'LATIN1_SWEDISH_CI', flags: ['-FOUND_ROWS'], typeCast: false }, "sql_mode = ''"),
  ],
  ['of one connection, as a Worker has it', await connectionOf({ disableEval: true })],
] as const)('the MySQL backend over a pool %s,', (_, pool) => {
  const backend = mysqlBackend({ pool });
  for (const { name, run } of recordBackendContract(() => backend)) test(name, run);

  test('a write that changes nothing has taken place all the same', async () => {
    const record = sampleRecord('unchanged');
    await backend.put(record, {});
    expect(await backend.put(record, { revision: 1 })).toBe('stored');
    expect((await backend.delete(record.partition, 'unchanged'))?.id).toBe('unchanged');
  });
});

describe('a pool of the caller', async () => {
  test('is not ended with the backend, which then takes no work', async () => {
    const pool = poolOf({});
    const backend = mysqlBackend({ pool });
    const record = sampleRecord('one');
    const stored = backend.put(record, {});
    await backend.close();
    expect(await stored).toBe('stored');
    await expectCode('E_STORAGE', backend.get(record.partition, 'one'));
    expect(await mysqlBackend({ pool }).get(record.partition, 'one')).toEqual(kept(record));
    await backend.close();
  });

  test('that its owner has ended is named as the trouble', async () => {
    const pool = createPool(settings);
    await pool.end();
    expect((await expectCode('E_STORAGE', mysqlBackend({ pool }).get('p', 'one'))).message).toContain('was ended');
    const connection = await createConnection(settings);
    await connection.end();
    const error = await expectCode('E_STORAGE', mysqlBackend({ pool: connection }).get('p', 'one'));
    expect(error.message).toContain('was ended');
  });

  test.each([
    ['begins transactions by itself', poolOf({ connectionLimit: 1 }, 'autocommit = 0')],
    ['is inside a transaction', await connectionOf({})],
  ])('that %s is refused: what it was told to store could still be taken back', async (_, pool) => {
    if (!('getConnection' in pool)) await (pool as any).query('START TRANSACTION');
    const error = await expectCode('E_CONFIG', mysqlBackend({ pool }).put(sampleRecord(crypto.randomUUID()), {}));
    expect(error.message).toContain('autocommit');
  });

  test('without a database is told apart from one that has the table', async () => {
    const { database: _, ...elsewhere } = settings;
    const pool = createPool(elsewhere);
    ends.push(() => pool.end());
    await expectCode('E_CONFIG', mysqlBackend({ pool }).get('p', 'one'));
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['settings', settings],
    ['with callbacks', (poolOf({}) as any).pool],
    ['a connection with callbacks', ((await connectionOf({})) as any).connection],
  ])('that is %s is refused at once', async (_, pool) => {
    await expectCode('E_CONFIG', () => mysqlBackend({ pool: pool as never }));
  });
});
