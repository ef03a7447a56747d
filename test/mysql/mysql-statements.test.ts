import { createHash } from 'node:crypto';
import { createPool } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type MysqlStatement, mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { mysqlSql } from '../../src/backends/node/mysql-sql.ts';
import { mysqlStatement } from '../../src/backends/node/mysql-statement.ts';
import type { SqlValue } from '../../src/backends/record-row.ts';
import type { LookupField, StoredRecord } from '../../src/core/record-backend.ts';
import { kept, sampleRecord, value } from '../browser/sample-record.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';

const database = await mariadbDatabase(inject('mariadb'));
const pool = createPool(database.settings);
const asked: MysqlStatement[] = [];
/** Done once before a deletion is sent. */
let beforeDelete: (() => Promise<unknown>) | undefined;
const backend = mysqlBackend({
  pool: {
    async getConnection() {
      const connection = await pool.getConnection();
      return {
        async query(statement) {
          if (statement.sql.startsWith('DELETE')) {
            const act = beforeDelete;
            beforeDelete = undefined;
            await act?.();
          }
          asked.push(statement);
          return connection.query(statement);
        },
        destroy: () => connection.destroy(),
        release: () => connection.release(),
      };
    },
  },
});
const partition = 'sentinel-partition-5fc1/tokens';
const sample = (id: string, changes: Partial<StoredRecord> = {}) => sampleRecord(id, { partition, ...changes });
const take = () => asked.splice(0);

beforeAll(() => backend.clear(partition));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe('the MySQL backend runs one statement', () => {
  const record = sample('sentinel-id-77aa', { expiresAt: 5000 });
  const { id } = record;
  const claim = (owner: string) => backend.claim(partition, id, { revision: 3, owner, ttlMs: 60_000 });
  const renewal = { revision: 2, claimOwner: 'a', renewed: true };
  const operations: readonly (readonly [name: string, run: () => Promise<unknown>])[] = [
    ['to write a new record', () => backend.put(record, {})],
    ['to be refused a new record', () => backend.put(record, {})],
    ['to update a record', () => backend.put({ ...record, revision: 2 }, { revision: 1 })],
    [
      'to update a record and end a claim',
      () => backend.put({ ...record, revision: 2 }, { revision: 2, claimOwner: 'a' }),
    ],
    ['to update a record with another refresh token', () => backend.put({ ...record, revision: 3 }, renewal)],
    ['to be refused an update', () => backend.put({ ...record, revision: 2 }, { revision: 1 })],
    ['to read a record', () => backend.get(partition, id)],
    ['to find by a lookup', () => backend.find(partition, 'userName', [value(), value()])],
    ['to find by identity', () => backend.find(partition, 'identity', [record.identity])],
    ['to claim', () => claim('sentinel-owner-19ff')],
    ['to be refused a claim', () => claim('b')],
    [
      'to release, cool down and doubt',
      () => backend.release(partition, id, { owner: 'sentinel-owner-19ff', coolingMs: 1000, inDoubt: true }),
    ],
    ['to list', () => backend.page(partition, 10)],
    ['to count in a partition', () => backend.keyUse(partition)],
    ['to count everywhere', () => backend.keyUse()],
    ['to scan', () => backend.scan(10)],
    ['to scan on', () => backend.scan(10, { cursor: 'cA.aQ', except: { keyId: 'sentinel', indexKeyId: "' OR 1" } })],
    ['to write one of many', () => backend.putEach([{ record: sample('sentinel-id-91e0'), condition: {} }])],
    ['to find that there is nothing to delete', () => backend.delete(partition, 'absent')],
    ['to list what is due', () => backend.due(partition, 5000, 10)],
    ['to delete expired records', () => backend.deleteExpired(5000, 10)],
    ['to clear a partition', () => backend.clear(partition)],
  ];

  test.each(operations)('%s, with every value in hexadecimal digits', async (_name, run) => {
    take();
    await run();
    const statements = take();
    expect(statements).toHaveLength(1);
    for (const { sql } of statements) {
      expect(sql).not.toMatch(/sentinel|\?|undefined/);
      expect(sql.replaceAll(/X'[0-9a-f]*'|'1970-01-01'|''/g, '')).not.toContain("'");
    }
  });

  test('to find nothing by no values, it runs none', async () => {
    take();
    expect(await backend.find(partition, 'userName', [])).toEqual([]);
    expect(take()).toEqual([]);
  });

  test('to delete a record, it runs two', async () => {
    await backend.put(record, {});
    take();
    await backend.delete(partition, id);
    expect(take().map(({ sql }) => sql.slice(0, 6))).toEqual(['SELECT', 'DELETE']);
  });

  test('to delete a record that is written or claimed meanwhile, it runs four, and returns what it deleted', async () => {
    const first = sample('contested');
    const second = { ...first, revision: 2, sealed: value() };
    await backend.put(first, {});
    beforeDelete = () => backend.put(second, { revision: 1 });
    expect(await backend.delete(partition, 'contested')).toEqual(kept(second));
    await backend.put(first, {});
    beforeDelete = () => backend.claim(partition, 'contested', { owner: 'a', revision: 1, ttlMs: 60_000 });
    take();
    expect((await backend.delete(partition, 'contested'))?.claim.owner).toBe('a');
    const kinds = take().map(({ sql }) => sql.slice(0, 6));
    expect(kinds.filter((kind) => kind !== 'UPDATE')).toEqual(['SELECT', 'DELETE', 'SELECT', 'DELETE']);
    beforeDelete = () => backend.clear(partition);
    await backend.put(first, {});
    expect(await backend.delete(partition, 'contested')).toBeUndefined();
  });
});

describe('among ten thousand records the MySQL backend searches by a key', () => {
  const sql = mysqlSql('oauthtoken');
  const crowd = 'crowd/tokens';

  beforeAll(async () => {
    await database.connection.query(`INSERT INTO oauthtoken (partition_name, id, revision, identity, lookup_user_name,
      lookup_access_token, lookup_refresh_token, lookup_grant_token, key_id, index_key_id, expires_at, due_at, sealed)
      SELECT '${crowd}', SHA1(seq), 1, UNHEX(MD5(seq)), UNHEX(MD5(CONCAT('u', seq))), UNHEX(MD5(CONCAT('a', seq))),
        UNHEX(MD5(CONCAT('r', seq))), NULL, 'aaaaaaaa', 'bbbbbbbb', IF(seq % 10, 0, 1e12 + seq), IF(seq % 10, 0, 1e12 + seq),
        REPEAT('x', 594) FROM seq_1_to_10000`);
    // Statistics alone then say how many rows a key leads to, and they know it badly.
    await database.connection.query('SET SESSION eq_range_index_dive_limit = 1');
  });

  /** How the server would go about it, by the row of the plan that is about the table itself. */
  const planOf = async (text: string, ...values: readonly SqlValue[]) => {
    const statement = mysqlStatement(`EXPLAIN ${text}`, values);
    const [rows] = await database.connection.query(statement);
    const own = (rows as { table: string; key: string; rows: string; Extra: string }[]).filter(
      ({ table }) => table === 'oauthtoken',
    );
    return own.map(({ key, rows, Extra }) => ({ key, rows: Number(rows), sorted: Extra.includes('filesort') }));
  };

  test.each<[LookupField | 'identity', string]>([
    ['identity', 'by_identity'],
    ['userName', 'by_lookup_user_name'],
    ['accessToken', 'by_lookup_access_token'],
    ['refreshToken', 'by_lookup_refresh_token'],
    ['grantToken', 'by_lookup_grant_token'],
  ])('for %s', async (field, key) => {
    const [plan] = await planOf(sql.find(field, 2), crowd, value(), value());
    expect(plan?.key).toBe(key);
    expect(plan?.rows).toBeLessThanOrEqual(2);
  });

  test('for an id, to read, update, claim, release or delete it', async () => {
    const id = createHash('sha1').update('1').digest('hex');
    const record = [crowd, id, 2, value(), null, null, null, null, 'aaaaaaaa', 'bbbbbbbb', 0, 0, value()];
    const plans = await Promise.all([
      planOf(sql.get, crowd, id),
      planOf(sql.update, ...record, 1, null, 0),
      planOf(sql.claim, crowd, id, 1, 'owner', 1000),
      planOf(sql.release, crowd, id, 'owner', 0, 0),
      planOf(sql.delete, crowd, id, value(), ''),
    ]);
    for (const plan of plans) expect(plan).toEqual([{ key: 'PRIMARY', rows: 1, sorted: false }]);
  });

  test('for a page, for what is due and for what has expired', async () => {
    const [page] = await planOf(sql.page, crowd, 'a', 10);
    expect(page).toMatchObject({ key: 'PRIMARY', sorted: false });
    expect((await planOf(sql.due, crowd, 1e12 + 100, 10)).map(({ key }) => key)).toContain('by_due_at');
    const [expired] = await planOf(sql.deleteExpired, 1e12 + 100, 10);
    expect(expired?.key).toBe('by_expires_at');
    expect(expired?.rows).toBeLessThan(100);
  });
});
