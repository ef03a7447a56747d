import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { type MysqlServer, mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { SealedCollection } from '../../src/store/sealed-collection.ts';
import { kept, sampleRecord } from '../browser/sample-record.ts';
import { expectCode } from '../support/expect-code.ts';
import { findTraces } from '../support/find-traces.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';
import { testKeyring } from '../support/test-keyring.ts';

const { settings, connection, drop } = await mariadbDatabase(inject('mariadb'));
afterAll(drop);

const open = (changes: MysqlServer & { readonly table?: string } = {}) => {
  const backend = mysqlBackend({ ...settings, ...changes });
  onTestFinished(() => backend.close());
  return backend;
};

/** Everything that lies in a table, and how it is made. */
async function dump(table: string): Promise<string> {
  const [[made], [rows]] = await Promise.all([
    connection.query(`SHOW CREATE TABLE ${table}`),
    connection.query(`SELECT * FROM ${table}`),
  ]);
  return JSON.stringify([made, rows]);
}

describe('the table of the MySQL backend', () => {
  test('is made by the first operation, whichever it is, and by many at once', async () => {
    const record = sampleRecord('one');
    expect(await open({ table: 'made_by_get' }).get('p', 'one')).toBeUndefined();
    expect(await open({ table: 'made_by_put' }).put(record, {})).toBe('stored');
    expect(await open({ table: 'made_by_delete' }).delete('p', 'one')).toBeUndefined();
    expect(await open({ table: 'made_by_claim' }).claim('p', 'one', { owner: 'a', revision: 1, ttlMs: 1 })).toEqual({
      granted: false,
    });
    const records = Array.from({ length: 12 }, (_, n) => sampleRecord(`id ${n}`));
    const outcomes = await Promise.all(records.map((one) => open({ table: 'made_by_many' }).put(one, {})));
    expect(new Set(outcomes)).toEqual(new Set(['stored']));
    expect((await open({ table: 'made_by_many' }).page('default/tokens', 20)).records).toHaveLength(12);
  });

  test('compares bytes, and keeps transactions', async () => {
    await open({ table: 'looked_at' }).get('p', 'one');
    const [[table]] = (await connection.query("SHOW TABLE STATUS LIKE 'looked_at'")) as any;
    expect(table).toMatchObject({ Engine: 'InnoDB', Row_format: 'Dynamic' });
    expect(table.Collation).toMatch(/^utf8mb4_/);
    const [columns] = (await connection.query('SHOW FULL COLUMNS FROM looked_at')) as any;
    expect(columns.filter(({ Collation }: any) => Collation !== null)).toEqual([]);
  });

  test("is none of Zoho's SDK, which is refused and left as it is", async () => {
    await connection.query(`CREATE TABLE oauthtoken (id varchar(10) NOT NULL, user_name varchar(255),
      client_id varchar(255), client_secret varchar(255), refresh_token varchar(255), access_token varchar(255),
      grant_token varchar(255), expiry_time varchar(20), redirect_url varchar(255), api_domain varchar(255), primary key (id))`);
    await connection.query("INSERT INTO oauthtoken (id, user_name, refresh_token) VALUES ('1', 'ann', '1000.refresh')");
    const before = await dump('oauthtoken');
    const backend = open();
    const record = sampleRecord('1');
    for (const operation of [
      () => backend.get('p', '1'),
      () => backend.find('p', 'userName', [record.identity]),
      () => backend.put(record, {}),
      () => backend.put(record, { revision: 1 }),
      () => backend.claim('p', '1', { owner: 'a', revision: 1, ttlMs: 1 }),
      () => backend.release('p', '1', { owner: 'a' }),
      () => backend.delete('p', '1'),
      () => backend.page('p', 10),
      () => backend.clear('p'),
      () => backend.keyUse(),
      () => backend.due('p', 1, 1),
      () => backend.deleteExpired(1, 1),
    ]) {
      const { message } = await expectCode('E_CONFIG', operation());
      expect(message).toContain('name another one');
    }
    expect(await dump('oauthtoken')).toBe(before);
  });

  test('holds nothing that can be read, and nobody who owns the database finds a secret in it', async () => {
    const marked = {
      userName: 'marker-user-name-0123456789',
      clientId: 'marker-client-id-0123456789',
      clientSecret: 'marker-client-secret-0123456789',
      accessToken: 'marker-access-token-0123456789',
      refreshToken: 'marker-refresh-token-0123456789',
      idToken: 'marker-id-token-0123456789',
      apiDomain: 'https://marker-api-domain.example',
    };
    const store = new EncryptedTokenStore({ backend: open({ table: 'secret' }), keyring: testKeyring() });
    const { id } = await store.saveToken(marked);
    await store.saveToken({ id, grantToken: 'marker-grant-token-0123456789' });
    const [rows] = (await connection.query({ sql: 'SELECT * FROM secret', rowsAsArray: true, typeCast: false })) as any;
    const bytes = Buffer.concat((rows as (Buffer | null)[][]).flat().filter((cell) => cell !== null));
    expect(findTraces(bytes, [...Object.values(marked), 'marker-grant-token-0123456789'])).toEqual([]);
    expect(findTraces(bytes, ['default/tokens'])).not.toEqual([]);
  });

  test('has room for the longest names and the largest token that a store takes', async () => {
    const backend = open({ table: 'large' });
    const keyring = testKeyring();
    const tenant = 'é'.repeat(64);
    const store = new EncryptedTokenStore({ backend, keyring, tenant });
    const id = '🔑'.repeat(64);
    const idToken = 'x'.repeat(1_048_000);
    await store.saveToken({ id, accessToken: 'access', idToken });
    expect(await store.findTokenById(id)).toMatchObject({ accessToken: 'access', idToken });
    expect(await store.getTokens()).toHaveLength(1);
    const { partition } = new SealedCollection(tenant, '/'.repeat(64), keyring);
    const record = sampleRecord(id, { partition });
    expect(await backend.put(record, {})).toBe('stored');
    expect(await backend.delete(partition, id)).toEqual(kept(record));
  });
});

test('a backend that is closed ends what is under way, however much it is, and then takes nothing', async () => {
  const backend = open({ table: 'closed' });
  const records = Array.from({ length: 40 }, (_, n) => sampleRecord(`id ${n}`));
  const outcomes = Promise.all(records.map((record) => backend.put(record, {})));
  await Promise.all([backend.close(), backend.close()]);
  expect(new Set(await outcomes)).toEqual(new Set(['stored']));
  const error = await expectCode('E_STORAGE', backend.get('default/tokens', 'id 0'));
  expect(error.message).toContain('was closed');
  expect((await open({ table: 'closed' }).page('default/tokens', 100)).records).toHaveLength(40);
});

test('a pool of its own keeps the process running while it works, and not after', async () => {
  const file = (name: string) => new URL(`../../src/backends/node/${name}.ts`, import.meta.url).href;
  const server = JSON.stringify({ ...settings, table: 'forgotten' });
  const script = `import { mysqlBackend } from '${file('mysql-backend')}';
    import { mysqlPool } from '${file('mysql-pool')}';
    const backend = mysqlBackend(${server});
    await Promise.all([backend.get('p', 'one'), backend.get('p', 'two')]);
    const pool = mysqlPool(${server});
    for (let n = 0; n < 3; n++) await pool.query('SELECT SLEEP(0.01)');
    console.log('done');`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout).toBe('done\n');
});
