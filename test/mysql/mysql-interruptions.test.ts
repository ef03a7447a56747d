import { createPool } from 'mysql2/promise';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import type { StoredRecord } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { kept, sampleRecord } from '../browser/sample-record.ts';
import { expectCode } from '../support/expect-code.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';
import { startMariadb } from '../support/mariadb-server.ts';
import { testKeyring } from '../support/test-keyring.ts';

// A server of its own, as servers are set in earnest, on a disk that has room for little.
const server = await startMariadb([
  '--innodb-file-per-table=0',
  '--innodb-data-file-path=ibdata1:12M:autoextend:max:16M',
]);
const database = await mariadbDatabase(server.address);
const { settings, addUser } = database;
const partition = 'default/tokens';
afterAll(() => server.stop());

/** A pool of the caller that counts its connections. */
const countingPool = (changes = {}) => {
  const pool = createPool({ ...settings, ...changes });
  const counted = { pool, connections: 0 };
  pool.pool.on('connection', () => counted.connections++);
  onTestFinished(() => pool.end());
  return counted;
};

const open = (changes = {}) => {
  const backend = mysqlBackend({ ...settings, ...changes });
  onTestFinished(() => backend.close());
  return backend;
};

test('a server that turns read-only is read, and written again as soon as it can be', async () => {
  const counted = countingPool(await addUser('ALL'));
  const backend = mysqlBackend(counted);
  const record = sampleRecord('read-only');
  await backend.put(record, {});
  await database.connection.query('SET GLOBAL read_only = 1');
  const next = { ...record, revision: 2 };
  const error = await expectCode('E_STORAGE', backend.put(next, { revision: 1 }));
  expect(error.message).toContain('cannot be written');
  await expectCode('E_STORAGE', backend.delete(partition, 'read-only'));
  expect(await backend.get(partition, 'read-only')).toEqual(kept(record));
  await database.connection.query('SET GLOBAL read_only = 0');
  expect(await backend.put(next, { revision: 1 })).toBe('stored');
  // Each refusal was the last on its connection: another one may lead to the server that took over.
  expect(counted.connections).toBe(3);
});

test('a server that by default neither commits nor minds what is too long makes no difference', async () => {
  await database.connection.query("SET GLOBAL autocommit = 0; SET GLOBAL sql_mode = ''");
  const record = sampleRecord('defaults');
  expect(await open().put(record, {})).toBe('stored');
  expect(await open().get(partition, 'defaults')).toEqual(kept(record));
  await expectCode('E_QUOTA', open().put(sampleRecord('x'.repeat(257)), {}));
  await database.connection.query('SET GLOBAL autocommit = 1');
});

test('a record that is too large for the server is refused, and the previous one stays', async () => {
  await database.connection.query('SET GLOBAL max_allowed_packet = 1048576');
  const backend = open();
  const before = sampleRecord('large');
  await backend.put(before, {});
  const put = (change: Partial<StoredRecord>) => backend.put({ ...before, revision: 2, ...change }, { revision: 1 });
  for (let attempt = 0; attempt < 2; attempt++) {
    expect((await expectCode('E_QUOTA', put({ identity: new Uint8Array(17) }))).message).toContain('too large');
    // the server hangs up on a packet that is too large, at times before its reason has arrived
    const failure: unknown = await put({ sealed: new Uint8Array(1_050_000) }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'TokenkeepError', code: expect.stringMatching(/^E_(QUOTA|STORAGE)$/) });
    expect(await backend.get(partition, 'large')).toEqual(kept(before));
  }
  // The digits of what is written take twice as much room as what is read.
  const sealed = new Uint8Array(500_000).fill(7);
  expect(await backend.put({ ...before, revision: 2, sealed }, { revision: 1 })).toBe('stored');
  expect((await backend.get(partition, 'large'))?.sealed).toEqual(sealed);
});

test('a server that does not answer is not waited for without end', async () => {
  const counted = countingPool({ connectionLimit: 1 });
  const backend = mysqlBackend(counted);
  await backend.get(partition, 'one');
  server.freeze();
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const late = expectCode('E_STORAGE', backend.put(sampleRecord('frozen'), {}));
  await vi.advanceTimersByTimeAsync(20_000);
  expect((await late).message).toContain('did not answer in time');
  vi.useRealTimers();
  server.thaw();
  expect(await backend.get(partition, 'absent')).toBeUndefined();
  expect(counted.connections).toBe(2);
});

test('a server that is killed in the middle of saves, and started again, has all that was acknowledged', async () => {
  const keyring = await testKeyring();
  const store = new EncryptedTokenStore({ backend: open(), keyring, tenant: 'killed' });
  const users = Array.from({ length: 12 }, (_, n) => `user ${n}`);
  for (const userName of users) await store.saveToken({ userName, accessToken: 'before' });

  const acknowledged = new Map<string, number>();
  let running = true;
  const savers = users.map(async (userName) => {
    for (let n = 1; running; n++) {
      try {
        await store.saveToken({ userName, accessToken: `access ${n}`, refreshToken: `refresh ${n}` });
      } catch (error) {
        return (error as { code: string }).code;
      }
      acknowledged.set(userName, n);
    }
    return 'went on';
  });
  await vi.waitUntil(() => acknowledged.size === users.length, { timeout: 20_000 });
  await server.kill();
  running = false;
  expect(new Set(await Promise.all(savers))).toEqual(new Set(['E_STORAGE']));
  await expectCode('E_STORAGE', store.getTokens());

  await server.restart();
  const tokens = await store.getTokens();
  expect(tokens.map(({ userName }) => userName).sort()).toEqual([...users].sort());
  for (const { userName = '', accessToken = '', refreshToken } of tokens) {
    const n = Number(accessToken.slice('access '.length));
    expect(refreshToken).toBe(`refresh ${n}`);
    // What was under way may have been stored without anybody being told.
    expect(n - (acknowledged.get(userName) ?? 0)).toBeOneOf([0, 1]);
  }
  expect((await store.saveToken({ userName: 'user 0', scope: 'read' })).scope).toBe('read');
});

test('a disk that is full takes no more, loses nothing, and goes on when there is room', async () => {
  const backend = open();
  await backend.clear(partition);
  const stored: string[] = [];
  let refused: unknown;
  for (let n = 0; refused === undefined && n < 200; n++) {
    const id = `full ${n}`;
    await backend.put(sampleRecord(id, { sealed: new Uint8Array(200_000).fill(n) }), {}).then(
      () => stored.push(id),
      (error: unknown) => {
        refused = error;
      },
    );
  }
  const error = await expectCode('E_QUOTA', Promise.reject(refused));
  expect(error.message).toContain('full');
  for (const [n, id] of stored.entries()) {
    expect((await backend.get(partition, id))?.sealed).toEqual(new Uint8Array(200_000).fill(n));
  }
  const last = `full ${stored.length}`;
  expect(await backend.get(partition, last)).toBeUndefined();
  await server.kill();
  await server.restart(['--innodb-data-file-path=ibdata1:12M:autoextend']);
  expect(await backend.put(sampleRecord(last), {})).toBe('stored');
  expect((await backend.page(partition, 1000)).records.map(({ id }) => id).sort()).toEqual([...stored, last].sort());
});
