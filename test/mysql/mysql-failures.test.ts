import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { type MysqlBackendOptions, mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { mysqlError } from '../../src/backends/node/mysql-error.ts';
import type { ErrorCode, TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { kept, sampleRecord } from '../browser/sample-record.ts';
import { expectCode } from '../support/expect-code.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';

const { settings, connection, addUser, drop } = await mariadbDatabase(inject('mariadb'));
const partition = 'sentinel-partition-5fc1/tokens';
const sample = (id: string) => sampleRecord(id, { partition });
const named: string[] = [partition, 'sentinel', settings.database, settings.user, settings.password, 'oauthtoken'];

// Not after each test: some run beside each other.
const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
  await drop();
});

const open = (changes: MysqlBackendOptions = {}) => {
  const backend = mysqlBackend({ ...settings, ...changes });
  ends.push(() => backend.close());
  return backend;
};

/** Expects an error of the code that says this, and none of the names and values that it could have quoted. */
async function expectFailure(code: ErrorCode, saying: string, work: Promise<unknown>): Promise<TokenkeepError> {
  const error = await expectCode(code, work);
  expect(error.message).toContain(saying);
  const printed = inspect(error, { depth: 9, showHidden: true });
  for (const name of named) expect(printed).not.toContain(name);
  expect(printed).not.toMatch(/\b(SELECT|INSERT|UPDATE|DELETE) .*\b(FROM|INTO|SET)\b/);
  expect(Object.keys(error).sort()).toEqual(['code', 'name']);
  return error;
}

/** A server that is none: does with each connection what it is told. Resolves with its port. */
async function startImpostor(take: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    take(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('the MySQL backend says what is wrong with its settings:', () => {
  test('the password', async () => {
    const backend = open({ password: 'sentinel-password-77d0' });
    await expectFailure('E_CONFIG', 'check user and password', backend.get(partition, 'one'));
    await expectFailure('E_CONFIG', 'check user and password', backend.put(sample('one'), {}));
  });

  test('the user', async () => {
    await expectFailure('E_CONFIG', 'check user', open({ user: 'sentinel-user-19aa' }).get(partition, 'one'));
  });

  test('the database', async () => {
    const backend = open({ database: 'sentinel_database_4be2' });
    await expectFailure('E_CONFIG', 'no such database', backend.get(partition, 'one'));
  });

  test('the name of the host', async () => {
    await expectFailure('E_CONFIG', 'check it', open({ host: 'sentinel..host' }).get(partition, 'one'));
  });

  test.each<[string, MysqlBackendOptions]>([
    ['host', { host: '' }],
    ['user', { user: '' }],
    ['database', { database: 5 as never }],
    ['password', { password: null as never }],
    ['port', { port: 0 }],
    ['port', { port: Number.NaN }],
    ['port', { port: '3306' as never }],
    ['table', { table: '' }],
    ['table', { table: 'oauthtoken where 1=1 or id=? -- ' }],
    ['table', { table: 'a`b' }],
    ['table', { table: 'other.oauthtoken' }],
    ['table', { table: 'x'.repeat(65) }],
  ])('%s, before anything is sent', async (name, changes) => {
    const error = await expectCode('E_CONFIG', () => mysqlBackend({ ...settings, ...changes }));
    expect(error.message).toMatch(new RegExp(`^${name} is no`));
  });

  test('a user who may only read can read, and is told what is missing to write', async () => {
    const record = sample('readable');
    await open().put(record, {});
    const backend = open(await addUser('SELECT'));
    expect(await backend.get(partition, 'readable')).toEqual(kept(record));
    await expectFailure('E_CONFIG', 'grant SELECT, INSERT', backend.put(sample('another'), {}));
    await expectFailure('E_CONFIG', 'grant SELECT, INSERT', backend.put({ ...record, revision: 2 }, { revision: 1 }));
    await expectFailure('E_CONFIG', 'grant SELECT, INSERT', backend.delete(partition, 'readable'));
    expect(await open().get(partition, 'readable')).toEqual(kept(record));
  });

  test('a user who may not make the table is told so, and needs no more than four rights once it is there', async () => {
    const user = await addUser('SELECT, INSERT, UPDATE, DELETE');
    const backend = open({ ...user, table: 'made_later' });
    await expectFailure('E_CONFIG', 'CREATE until it is made', backend.get(partition, 'one'));
    await open({ table: 'made_later' }).get(partition, 'one');
    expect(await backend.put(sample('one'), {})).toBe('stored');
    expect((await backend.delete(partition, 'one'))?.id).toBe('one');
  });

  test('a user without any right on the database', async () => {
    await expectFailure('E_CONFIG', 'lacks a right', open(await addUser()).get(partition, 'one'));
  });
});

describe('the MySQL backend says that trying again may help when', () => {
  test('nobody listens at the port', async () => {
    const port = await startImpostor((socket) => socket.destroy());
    const { message } = await expectFailure('E_STORAGE', '', open({ port }).get(partition, 'one'));
    expect(message).toContain('connection was lost');
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: free } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expectFailure('E_STORAGE', 'check host and port', open({ port: free }).get(partition, 'one'));
  });

  test.concurrent('the server does not greet', async () => {
    const port = await startImpostor(() => undefined);
    await expectFailure('E_STORAGE', 'cannot be reached', open({ port }).get(partition, 'one'));
  });

  test.concurrent.each([
    ['record', "START TRANSACTION; SELECT * FROM locked_record WHERE id = 'locked' FOR UPDATE", 'COMMIT'],
    ['table', 'LOCK TABLES locked_table WRITE', 'UNLOCK TABLES'],
  ])('somebody else has locked the %s', async (what, lock, unlock) => {
    const backend = open({ table: `locked_${what}` });
    const record = sample('locked');
    await backend.put(record, {});
    const other = await createConnection({ ...settings, multipleStatements: true });
    ends.push(() => other.end());
    await other.query(lock);
    const next = { ...record, revision: 2 };
    await expectFailure('E_STORAGE', 'locked', backend.put(next, { revision: 1 }));
    await other.query(unlock);
    expect(await backend.get(partition, 'locked')).toEqual(kept(record));
    expect(await backend.put(next, { revision: 1 })).toBe('stored');
  });

  test('the server has no connection to spare', async () => {
    const user = await addUser('ALL');
    await connection.query(`GRANT USAGE ON *.* TO ${user.user}@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1`);
    const [first, second] = [open(user), open(user)];
    await first.get(partition, 'one');
    await expectFailure('E_STORAGE', 'no further connections', second.get(partition, 'one'));
  });
});

test('an error of the driver is quoted in nothing, whatever it is', () => {
  for (const errno of [1020, 1030, 1062, 1146, 1213, 1366, 4025, 9999]) {
    const error = mysqlError(Object.assign(new Error('sentinel'), { errno, sql: 'sentinel', sqlMessage: 'sentinel' }));
    expect(inspect(error, { showHidden: true })).not.toContain('sentinel');
    expect(error.code).toBe('E_STORAGE');
  }
  for (const odd of [undefined, null, 'sentinel', { message: 5 }]) expect(mysqlError(odd).code).toBe('E_STORAGE');
});
