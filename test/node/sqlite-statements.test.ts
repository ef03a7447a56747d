import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from 'vitest';
import { type SqliteLike, sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import type { SqlValue } from '../../src/backends/record-row.ts';
import type { ClosableRecordBackend } from '../../src/core/record-backend.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { randomBytes, recordScenario } from '../../src/testing/record-scenario.ts';
import { testKeyring } from '../support/test-keyring.ts';

/** A connection that notes what is prepared and what is run on it. */
function countingSqlite(database: DatabaseSync) {
  const prepared: string[] = [];
  const run: { readonly sql: string; readonly values: Record<string, SqlValue> }[] = [];
  const counting: SqliteLike = {
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      prepared.push(sql);
      const statement = database.prepare(sql);
      return {
        setReadBigInts: (enabled) => statement.setReadBigInts(enabled),
        all(values) {
          run.push({ sql, values });
          return statement.all(values);
        },
      };
    },
  };
  return { counting, prepared, run };
}

let database: DatabaseSync;
let counted: ReturnType<typeof countingSqlite>;
let backend: ClosableRecordBackend;
let store: EncryptedTokenStore;
const ann = { userName: 'ann', issuer: 'https://login.example', clientId: 'app' };

beforeEach(async () => {
  database = new DatabaseSync(':memory:');
  counted = countingSqlite(database);
  backend = sqliteBackend(counted.counting);
  store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
  await backend.get('a', 'b');
  counted.run.length = 0;
});

/** How many statements the work takes. */
async function statements(work: () => Promise<unknown>): Promise<number> {
  const before = counted.run.length;
  await work();
  return counted.run.length - before;
}

describe('over SQLite', () => {
  test('each of the six methods takes as many statements as it must, whatever is stored', async () => {
    const first = { ...ann, accessToken: 'access-1', refreshToken: 'refresh-1' };
    expect(await statements(() => store.saveToken(first))).toBe(2);
    for (let n = 0; n < 20; n++) await store.saveToken({ userName: `user ${n}`, accessToken: `access of ${n}` });
    const { id } = (await store.findToken(ann)) ?? { id: '' };
    expect(await statements(() => store.findToken(ann))).toBe(1);
    expect(await statements(() => store.findToken({ accessToken: 'access-1' }))).toBe(1);
    expect(await statements(() => store.findToken({ refreshToken: 'refresh-1' }))).toBe(1);
    expect(await statements(() => store.findTokenById(id))).toBe(1);
    expect(await statements(() => store.saveToken({ ...ann, accessToken: 'access-2' }))).toBe(2);
    expect(await statements(() => store.saveToken({ id, accessToken: 'access-3' }))).toBe(2);
    expect(await statements(() => store.getTokens())).toBe(1);
    expect(await statements(() => store.deleteToken(id))).toBe(1);
    expect(await statements(() => store.deleteTokens())).toBe(1);
  });

  test('a renewal takes four, to find, claim, read again and commit, and a token that is fresh takes one', async () => {
    const now = Date.now();
    await store.saveToken({
      ...ann,
      refreshToken: 'refresh',
      accessToken: 'old',
      obtainedAt: now - 9000,
      expiresAt: now,
    });
    const refresh = async () => ({ accessToken: 'new', obtainedAt: now, expiresAt: now + 3_600_000 });
    const source = createTokenSource({ store, query: ann, refresh });
    expect(await statements(() => source.getToken())).toBe(4);
    expect(await statements(() => source.getToken())).toBe(1);
  });
});

describe('the statements of the SQLite backend', () => {
  test('are prepared once, however often they run', async () => {
    for (let n = 0; n < 10; n++) {
      await store.saveToken({ ...ann, accessToken: `access ${n}` });
      await store.findToken(ann);
    }
    const sample = counted.run[0]?.sql;
    expect(counted.prepared.filter((sql) => sql === sample)).toHaveLength(1);
    expect(new Set(counted.prepared).size).toBeGreaterThan(2);
  });

  test('are forgotten when there are too many of them, those last that are in use', async () => {
    const find = (count: number) =>
      backend.find(
        'a',
        'userName',
        Array.from({ length: count }, () => randomBytes(16)),
      );
    const preparations = async (work: () => Promise<unknown>): Promise<number> => {
      const before = counted.prepared.length;
      await work();
      return counted.prepared.length - before;
    };
    await find(1);
    for (let count = 2; count <= 200; count++) {
      await find(count);
      expect(await preparations(() => backend.get('a', 'b'))).toBe(0);
    }
    expect(await preparations(() => find(200))).toBe(0);
    expect(await preparations(() => find(1))).toBe(1);
  });

  test('never search through all records, but for counts', async () => {
    const { add, partition } = recordScenario(backend);
    const lookups = {
      userName: randomBytes(16),
      accessToken: randomBytes(16),
      refreshToken: randomBytes(16),
      grantToken: randomBytes(16),
    };
    const record = await add('one', { lookups, dueAt: 1, expiresAt: 1 });
    for (const field of ['userName', 'accessToken', 'refreshToken', 'grantToken'] as const) {
      await backend.find(partition, field, [lookups[field], randomBytes(16)]);
    }
    await backend.find(partition, 'identity', [record.identity]);
    await backend.get(partition, 'one');
    await backend.put({ ...record, revision: 2 }, { revision: 1 });
    await backend.claim(partition, 'one', { revision: 2, owner: 'a', ttlMs: 1000 });
    await backend.release(partition, 'one', { owner: 'a' });
    await backend.due(partition, 5000, 10);
    await backend.page(partition, 10, 'a');
    await backend.deleteExpired(1, 10);
    await backend.delete(partition, 'one');
    await backend.clear(partition);
    const plan = (sql: string): string =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => detail)
        .join('; ');
    expect(counted.run).toHaveLength(15);
    for (const { sql } of counted.run) {
      expect(plan(sql), sql).not.toMatch(/SCAN/);
      if (!sql.startsWith('INSERT'))
        expect(plan(sql), sql).toMatch(/SEARCH tokenkeep_record USING (COVERING )?INDEX|rowid=/);
    }
    counted.run.length = 0;
    await backend.keyUse();
    expect(plan(counted.run[0]?.sql ?? '')).toMatch(/SCAN/);
  });
});
