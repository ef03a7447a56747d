import { globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readD1Migrations } from '@cloudflare/vitest-plugin';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { describe, expect, test, vi } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { recordMigrations } from '../../src/backends/node/record-migrations.ts';
import { type SqliteLike, sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { recordScenario } from '../../src/testing/record-scenario.ts';
import { expectCode } from '../support/expect-code.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

const folder = temporaryFolder();
const migrations = join(import.meta.dirname, '../../migrations');
let files = 0;

/** The path of a new database in which this SQL was run. */
function databaseWith(...sql: readonly string[]): string {
  const path = join(folder, `${++files}.db`);
  const database = new DatabaseSync(path);
  for (const statement of sql) database.exec(statement);
  database.close();
  return path;
}

function read(path: string, sql: string): unknown[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare(sql).all();
  database.close();
  return rows;
}

/** Uses a backend over the database once and closes it. */
async function use(path: string): Promise<void> {
  const backend = sqliteBackend(path);
  const { add, partition } = recordScenario(backend);
  await add('one');
  expect((await backend.page(partition, 10)).records).toHaveLength(1);
  await backend.close();
}

const schema = 'SELECT type, name, sql FROM sqlite_schema ORDER BY name';

describe('the embedded migrations', () => {
  test('are the files of migrations/, in their order', () => {
    const paths = readdirSync(migrations).sort();
    expect(recordMigrations).toEqual(paths.map((path) => readFileSync(join(migrations, path), 'utf8')));
  });
});

describe('the SQLite backend makes its tables', () => {
  test('in a file that was not there, as the migrations make them', async () => {
    const path = join(folder, 'new.db');
    await use(path);
    expect(read(path, schema)).toEqual(read(databaseWith(...recordMigrations), schema));
  });

  test('with its first operation, and not before', async () => {
    const path = join(folder, 'lazy.db');
    const backend = sqliteBackend(path);
    expect(globSync(`${path}*`)).toEqual([]);
    expect(await backend.get('default/tokens', 'absent')).toBeUndefined();
    expect(globSync(path)).toEqual([path]);
    await backend.close();
  });

  test('in an empty file and in an empty database', async () => {
    const empty = join(folder, 'empty.db');
    writeFileSync(empty, '');
    await use(empty);
    await use(databaseWith('CREATE TABLE gone (a)', 'DROP TABLE gone'));
  });

  test('once: whoever comes later finds what is there', async () => {
    const path = join(folder, 'twice.db');
    for (const count of [1, 2, 3]) {
      await use(path);
      expect(read(path, 'SELECT count(*) AS n FROM tokenkeep_record')).toEqual([{ n: count }]);
    }
  });

  test('beside the tables of another application, which it leaves alone', async () => {
    const own = [
      'CREATE TABLE oauthtoken (id varchar(10), user_name text)',
      "INSERT INTO oauthtoken VALUES ('1', 'ann')",
    ];
    const path = databaseWith(...own, 'PRAGMA user_version = 7');
    await use(path);
    expect(read(path, 'SELECT * FROM oauthtoken')).toEqual([{ id: '1', user_name: 'ann' }]);
    expect(read(path, "SELECT name FROM sqlite_schema WHERE tbl_name <> 'tokenkeep_record'")).toEqual([
      { name: 'oauthtoken' },
    ]);
    expect(read(path, 'PRAGMA user_version')).toEqual([{ user_version: 7 }]);
  });

  test('on a connection of the caller, whose settings it leaves alone', async () => {
    const database = new DatabaseSync(join(folder, 'caller.db'));
    database.exec('PRAGMA synchronous = OFF');
    const backend = sqliteBackend(database);
    await recordScenario(backend).add('one');
    await backend.close();
    expect(database.prepare('PRAGMA synchronous').all()).toEqual([{ synchronous: 0 }]);
    expect(database.prepare('PRAGMA journal_mode').all()).toEqual([{ journal_mode: 'delete' }]);
    expect(database.prepare('SELECT id FROM tokenkeep_record').all()).toEqual([{ id: 'one' }]);
    database.close();
  });

  test('in WAL mode, with every commit on the disk', async () => {
    const path = join(folder, 'durable.db');
    const exec = vi.spyOn(DatabaseSync.prototype, 'exec');
    await use(path);
    expect(exec.mock.calls.map(([sql]) => sql)).toContain('PRAGMA synchronous = FULL');
    exec.mockRestore();
    expect(read(path, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
  });

  test('all or none: a database that fills up meanwhile is as it was', async () => {
    const database = new DatabaseSync(databaseWith('CREATE TABLE other (a)'));
    const before = database.prepare(schema).all();
    database.exec('PRAGMA max_page_count = 8');
    const backend = sqliteBackend(database);
    await expectCode('E_QUOTA', backend.get('default/tokens', 'one'));
    expect(database.prepare(schema).all()).toEqual(before);
    expect(database.isTransaction).toBe(false);
    database.exec('PRAGMA max_page_count = 1000');
    expect(await backend.get('default/tokens', 'one')).toBeUndefined();
    database.close();
  });
});

describe('when SQLite takes the transaction back by itself', () => {
  test('it is the first failure that is reported', async () => {
    const database = new DatabaseSync(':memory:');
    const failing: SqliteLike = {
      prepare: (sql) => database.prepare(sql),
      exec(sql) {
        database.exec(sql === 'COMMIT' ? 'ROLLBACK' : sql);
        if (sql === 'COMMIT') throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
      },
    };
    await expectCode('E_QUOTA', sqliteBackend(failing).get('default/tokens', 'one'));
    expect(database.prepare(schema).all()).toEqual([]);
  });
});

describe('a database of the first migration', () => {
  const [first = ''] = recordMigrations;
  const bytes = "x'00112233445566778899aabbccddeeff'";
  const row = `INSERT INTO tokenkeep_record (partition, id, revision, identity, key_id, index_key_id, sealed, claim_owner,
    claim_until, claim_revision) VALUES ('default/tokens', 'one', 5, ${bytes}, 'aaaaaaaa', 'bbbbbbbb', ${bytes}, 'died', 1, 5)`;

  test('is brought up to date, with its records and what is in doubt', async () => {
    const path = databaseWith(first, row);
    const backend = sqliteBackend(path);
    expect(await backend.get('default/tokens', 'one')).toMatchObject({ revision: 5, dueAt: 0, keyId: 'aaaaaaaa' });
    const request = { revision: 5, owner: 'next', ttlMs: 60_000 };
    expect(await backend.claim('default/tokens', 'one', request)).toEqual({ granted: true, doubts: 1 });
    await backend.close();
    expect(read(path, schema)).toEqual(read(databaseWith(...recordMigrations), schema));
  });

  test('is brought up to date on a connection of the caller as well', async () => {
    const database = new DatabaseSync(databaseWith(first, row));
    expect(await sqliteBackend(database).get('default/tokens', 'one')).toMatchObject({ revision: 5 });
    database.close();
  });
});

describe('a table of that name that is not tokenkeep’s', () => {
  const columns = recordMigrations.join('\n');
  test.each<[string, readonly string[]]>([
    ['has other columns', ['CREATE TABLE tokenkeep_record (id TEXT)', "INSERT INTO tokenkeep_record VALUES ('kept')"]],
    ['has one more column', [columns, 'ALTER TABLE tokenkeep_record ADD COLUMN extra TEXT']],
    [
      'has one column less',
      [columns, 'DROP INDEX tokenkeep_record_due_at', 'ALTER TABLE tokenkeep_record DROP COLUMN due_at'],
    ],
    ['lets one user have two records', [columns, 'DROP INDEX tokenkeep_record_identity']],
    [
      'lets one user have two records, but for some',
      [
        columns,
        'DROP INDEX tokenkeep_record_identity',
        'CREATE UNIQUE INDEX tokenkeep_record_identity ON tokenkeep_record (partition, identity) WHERE revision > 9',
      ],
    ],
    ['has a column of another type', [columns.replace('sealed BLOB', 'sealed TEXT')]],
    ['is a view', ["CREATE VIEW tokenkeep_record AS SELECT 'a' AS partition, 'b' AS id"]],
  ])('is refused and left as it is when it %s', async (_, sql) => {
    const path = databaseWith(...sql);
    const before = readFileSync(path);
    const backend = sqliteBackend(path);
    for (const attempt of [1, 2]) {
      const error = await expectCode('E_CONFIG', backend.get('default/tokens', `${attempt}`));
      expect(error.message).toContain('tokenkeep_record');
    }
    await backend.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('is tokenkeep’s all the same when its owner has added an index', async () => {
    await use(databaseWith(columns, 'CREATE INDEX mine ON tokenkeep_record (key_id)'));
  });
});

describe('a local D1 database', () => {
  const persisted = join(folder, 'd1');
  const start = () =>
    new Miniflare({
      ...convertV4MiniflareOptions({
        host: '127.0.0.1',
        port: 0,
        cf: false,
        modules: true,
        script: 'export default {}',
        compatibilityDate: '2026-11-01',
        d1Databases: { DB: 'records' },
      }),
      resourcePersistencePath: persisted,
    });

  test('is shared with the worker: each side reads what the other has written', async () => {
    const worker = start();
    const db = await worker.getD1Database('DB');
    for (const { queries } of await readD1Migrations(migrations)) {
      for (const query of queries) await db.prepare(query).run();
    }
    const { add, partition } = recordScenario(d1Backend(db));
    const written = await add('by the worker', { lookups: { userName: new Uint8Array(16) } });
    await worker.dispose();
    const [path = ''] = globSync(`${persisted}/d1/*/*[0-9a-f].sqlite`).filter((found) => !found.includes('metadata'));
    const before = read(path, schema);

    const backend = sqliteBackend(path);
    expect(await backend.get(partition, 'by the worker')).toMatchObject(written);
    const answer = { ...written, id: 'by Node', identity: new Uint8Array(16).fill(1) };
    expect(await backend.put(answer, {})).toBe('stored');
    await backend.close();
    expect(read(path, schema)).toEqual(before);

    const again = start();
    const reader = d1Backend(await again.getD1Database('DB'));
    expect(await reader.get(partition, 'by Node')).toMatchObject(answer);
    expect(await reader.find(partition, 'userName', [new Uint8Array(16)])).toHaveLength(2);
    await again.dispose();
  });
});
