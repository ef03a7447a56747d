import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SqliteLike, sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { recordSql } from '../../src/backends/record-sql.ts';
import type { ClosableRecordBackend, RecordWrite } from '../../src/core/record-backend.ts';
import { type RecordScenario, recordScenario, unclaimedRecord } from '../../src/testing/record-scenario.ts';
import { expectCode } from '../support/expect-code.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

const folder = temporaryFolder();
let path: string;
let database: DatabaseSync;
/** What the backend asks its connection for, in its order. */
let asked: string[];
/** Done before something is asked for. */
let before: (sql: string) => void;
let backend: ClosableRecordBackend;
let scenario: RecordScenario;
const begin = 'SAVEPOINT tokenkeep';
const end = 'RELEASE tokenkeep';

/** The connection, which says whether a transaction is open where Node does so. */
function watched(db: DatabaseSync, saysTransactions = true): SqliteLike {
  const note = (sql: string): void => {
    asked.push(sql);
    before(sql);
  };
  const like: SqliteLike = {
    exec(sql) {
      note(sql);
      db.exec(sql);
    },
    prepare(sql) {
      const statement = db.prepare(sql);
      return {
        setReadBigInts: (enabled) => statement.setReadBigInts(enabled),
        all(values) {
          note(sql);
          return statement.all(values);
        },
      };
    },
  };
  const isTransaction = { get: () => db.isTransaction };
  return saysTransactions ? Object.defineProperty(like, 'isTransaction', isTransaction) : like;
}

beforeEach(async () => {
  path = join(folder, `${crypto.randomUUID()}.db`);
  database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL');
  asked = [];
  before = () => undefined;
  backend = sqliteBackend(watched(database));
  scenario = recordScenario(backend);
  await scenario.add('present');
  asked = [];
});
afterEach(async () => {
  await backend.close();
  database.close();
});

const writes = (count: number): readonly RecordWrite[] =>
  Array.from({ length: count }, (_, i) => ({ record: scenario.sample(`id ${i}`), condition: {} }));
const update = (): RecordWrite => ({ record: scenario.sample('present', { revision: 2 }), condition: { revision: 1 } });
const idsOf = async (): Promise<readonly string[]> =>
  (await backend.page(scenario.partition, 1000)).records.map(({ id, revision }) => `${id} ${revision}`);

describe('to write many records, the SQLite backend', () => {
  test.each([1, 20, 250])('runs %d statements in one transaction', async (count) => {
    expect(await backend.putEach(writes(count))).toEqual(Array(count).fill('stored'));
    expect(asked).toEqual([begin, ...Array(count).fill(recordSql.insert), end]);
    expect(database.isTransaction).toBe(false);
  });

  test('asks for nothing when there are none', async () => {
    expect(await backend.putEach([])).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('waits while another process holds the lock, and then writes all', async () => {
    const other = new DatabaseSync(path);
    other.exec('BEGIN EXCLUSIVE');
    const outcomes = backend.putEach([update(), ...writes(2)]);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(database.isTransaction).toBe(false);
    other.exec('COMMIT');
    other.close();
    expect(await outcomes).toEqual(['stored', 'stored', 'stored']);
  });

  test.each([
    ['the transaction begins', begin],
    ['it writes the second record', recordSql.insert],
    ['it commits', end],
  ])('begins again, without what it wrote, when a lock stands in the way as %s', async (_, where) => {
    let times = 0;
    before = (sql) => {
      if (sql === where && ++times <= 2) throw Object.assign(new Error('database is locked'), { errcode: 517 });
    };
    expect(await backend.putEach([update(), ...writes(2)])).toEqual(['stored', 'stored', 'stored']);
    expect(times).toBeGreaterThan(2);
    expect(await idsOf()).toEqual(['id 0 1', 'id 1 1', 'present 2']);
  });
});

describe('many writes to SQLite that fail in the middle', () => {
  const sentinel = 'sentinel-that-must-not-reach-a-log-4d1c';

  test('leave what was there before, and say nothing of what the database said', async () => {
    database.exec(`CREATE TRIGGER fail AFTER INSERT ON tokenkeep_record WHEN new.id = 'id 2'
      BEGIN SELECT RAISE(ABORT, '${sentinel}'); END`);
    const present = await backend.get(scenario.partition, 'present');
    const error = await expectCode('E_STORAGE', backend.putEach([update(), ...writes(4)]));
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toMatch(/sentinel|SQL|tokenkeep_record/);
    expect(await backend.get(scenario.partition, 'present')).toEqual(present);
    expect(await idsOf()).toEqual(['present 1']);
    expect(database.isTransaction).toBe(false);
    database.exec('DROP TRIGGER fail');
    expect(await backend.putEach([update(), ...writes(4)])).toEqual(Array(5).fill('stored'));
  });

  test('because a check fails are no conflicts', async () => {
    const refused = { record: scenario.sample('zero', { revision: 0 }), condition: {} };
    await expectCode('E_STORAGE', backend.putEach([update(), refused]));
    expect(await idsOf()).toEqual(['present 1']);
  });

  test('because there is no room left are E_QUOTA, and are written when there is', async () => {
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
    database.exec(`PRAGMA max_page_count = ${pages}`);
    const large = { record: scenario.sample('large', { sealed: new Uint8Array(100_000) }), condition: {} };
    await expectCode('E_QUOTA', backend.putEach([update(), large]));
    expect(await idsOf()).toEqual(['present 1']);
    expect(database.isTransaction).toBe(false);
    database.exec('PRAGMA max_page_count = 10000');
    expect(await backend.putEach([update(), large])).toEqual(['stored', 'stored']);
  });
});

describe('on a connection that its owner uses, too, many writes', () => {
  test('wait for the end of an open transaction', async () => {
    database.exec('BEGIN; CREATE TABLE theirs (a)');
    const outcomes = backend.putEach(writes(2));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(asked).toEqual([]);
    database.exec('ROLLBACK');
    expect(await outcomes).toEqual(['stored', 'stored']);
    expect(await idsOf()).toContain('id 1 1');
  });

  test('are part of an open transaction that Node does not tell of, and take back nothing but themselves', async () => {
    const own = sqliteBackend(watched(database, false));
    await own.get('a', 'b');
    database.exec('BEGIN; CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)');
    const refused = { record: scenario.sample('zero', { revision: 0 }), condition: {} };
    await expectCode('E_STORAGE', own.putEach([...writes(2), refused]));
    expect(await own.putEach([update()])).toEqual(['stored']);
    expect(database.isTransaction).toBe(true);
    database.exec('COMMIT');
    expect(database.prepare('SELECT a FROM theirs').all()).toHaveLength(1);
    expect(await idsOf()).toEqual(['present 2']);
  });
});

describe('a scan of SQLite', () => {
  test('runs one statement for a page, which is searched for by its beginning', async () => {
    await backend.putEach(writes(9));
    asked = [];
    const { cursor = '' } = await backend.scan(4);
    await backend.scan(4, { cursor, except: { keyId: '00000000', indexKeyId: '00000000' } });
    expect(asked).toEqual([recordSql.scan, recordSql.scan]);
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${recordSql.scan}`).all();
    expect(plan).toHaveLength(1);
    expect(plan[0]?.detail).toMatch(/^SEARCH tokenkeep_record USING INDEX \S+ \(\(partition,id\)>\(\?,\?\)\)$/);
  });

  test('shows each record once, and comes to an end, whatever the names are that somebody gave them', async () => {
    await backend.putEach(writes(12));
    const names = [
      "CAST(x'ff00c328' AS TEXT)",
      "CAST(x'ff01' AS TEXT)",
      'char(0)',
      "char(0) || 'a'",
      "CAST(x'c3' AS TEXT)",
    ];
    for (const [i, name] of names.entries()) {
      database.exec(`UPDATE tokenkeep_record SET id = ${name} WHERE id = 'id ${i}'`);
    }
    database.exec("UPDATE tokenkeep_record SET partition = CAST(x'ff' AS TEXT) WHERE id = 'id 7'");
    for (const limit of [1, 2, 5]) {
      const cursors = new Set<string>();
      let shown = 0;
      for (let cursor: string | undefined = '.'; cursor !== undefined; ) {
        expect(cursors.has(cursor)).toBe(false);
        cursors.add(cursor);
        const page = await backend.scan(limit, { cursor });
        shown += page.records.length;
        cursor = page.cursor;
      }
      expect(shown).toBe(13);
    }
    expect((await backend.keyUse()).map(({ records }) => records)).toEqual([13]);
  });

  test('begins anywhere that a cursor says, and shows nothing but records', async () => {
    const record = await scenario.add('last');
    for (const [partition, id] of [
      ['~~~~', ''],
      [record.partition, 'present'],
      ['\0', '\0'],
      ["' OR 1 = 1 --", ''],
    ]) {
      const cursor = [partition, id].map((text) => Buffer.from(text ?? '').toString('base64url')).join('.');
      const { records } = await backend.scan(10, { cursor });
      const expected = partition === '~~~~' ? 0 : partition === record.partition ? 0 : 2;
      expect([cursor, records.length]).toEqual([cursor, expected]);
    }
    const { cursor = '' } = await backend.scan(1);
    expect((await backend.scan(1, { cursor })).records).toHaveLength(1);
    expect(await backend.get(record.partition, 'last')).toEqual(unclaimedRecord(record));
  });
});
