import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type SqliteLike, sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import type { ClosableRecordBackend } from '../../src/core/record-backend.ts';
import { type RecordScenario, recordScenario, unclaimedRecord } from '../../src/testing/record-scenario.ts';
import { expectCode } from '../support/expect-code.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

const folder = temporaryFolder();
let files = 0;
let path: string;
let backend: ClosableRecordBackend;
let scenario: RecordScenario;
/** Somebody else's connection to the same file. */
let other: DatabaseSync;

beforeEach(async () => {
  path = join(folder, `${++files}.db`);
  backend = sqliteBackend(path);
  scenario = recordScenario(backend);
  await scenario.add('before');
  other = new DatabaseSync(path);
});
afterEach(async () => {
  vi.useRealTimers();
  other.close();
  await backend.close();
});

/** Lets the event loop go round, so that whatever can go on does. */
const turns = async (count = 5): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
};

/** What became of a promise so far. */
function watched<T>(work: Promise<T>): { readonly work: Promise<T>; settled: boolean } {
  const watch = { work, settled: false };
  const settle = (): void => {
    watch.settled = true;
  };
  work.then(settle, settle);
  return watch;
}

describe('while another process holds the lock', () => {
  test('a write waits for it without blocking the event loop, and then takes place', async () => {
    other.exec('BEGIN EXCLUSIVE');
    const write = watched(scenario.add('after'));
    await turns();
    expect(write.settled).toBe(false);
    other.exec('COMMIT');
    await write.work;
    expect(await backend.get(scenario.partition, 'after')).toBeDefined();
  });

  test('reads go on', async () => {
    other.exec('BEGIN EXCLUSIVE');
    expect(await backend.get(scenario.partition, 'before')).toBeDefined();
    other.exec('COMMIT');
  });

  test('a backend that is only being opened waits as well', async () => {
    const rollback = new DatabaseSync(join(folder, 'rollback.db'));
    rollback.exec('CREATE TABLE theirs (a); BEGIN EXCLUSIVE');
    const late = sqliteBackend(join(folder, 'rollback.db'));
    const reads = [watched(late.get('a', 'b')), watched(late.get('a', 'c'))];
    await turns();
    expect(reads.map(({ settled }) => settled)).toEqual([false, false]);
    rollback.exec('COMMIT');
    rollback.close();
    expect(await Promise.all(reads.map(({ work }) => work))).toEqual([undefined, undefined]);
    await late.close();
  });

  test('a lock that is never given back is reported, nothing is written, and the backend goes on when it is', async () => {
    other.exec('BEGIN EXCLUSIVE');
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const write = watched(scenario.add('refused'));
    write.work.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(5000);
    expect(write.settled).toBe(false);
    await vi.advanceTimersByTimeAsync(20_000);
    const error = await expectCode('E_STORAGE', write.work);
    expect(error.message).toContain('locked by another process');
    vi.useRealTimers();
    other.exec('COMMIT');
    expect(await backend.get(scenario.partition, 'refused')).toBeUndefined();
    await scenario.add('accepted');
  });

  test('closing waits for what waits', async () => {
    other.exec('BEGIN EXCLUSIVE');
    const write = scenario.add('last');
    const closing = watched(backend.close());
    await expectCode('E_STORAGE', backend.get(scenario.partition, 'before'));
    await turns();
    expect(closing.settled).toBe(false);
    other.exec('COMMIT');
    await Promise.all([write, closing.work]);
    expect(other.prepare('SELECT id FROM tokenkeep_record ORDER BY id').all()).toEqual([
      { id: 'before' },
      { id: 'last' },
    ]);
  });
});

describe('on a connection that its owner uses, too', () => {
  test('an operation waits for the end of an open transaction: a rollback takes back nothing that was acknowledged', async () => {
    const own = sqliteBackend(other);
    other.exec('BEGIN; CREATE TABLE theirs (a)');
    const write = watched(recordScenario(own).add('mine'));
    await turns();
    expect(write.settled).toBe(false);
    other.exec('ROLLBACK');
    const { partition } = await write.work;
    expect(await backend.get(partition, 'mine')).toBeDefined();
  });

  test('closing the backend leaves it open, and nothing works afterwards', async () => {
    const own = sqliteBackend(other);
    expect(await own.get(scenario.partition, 'before')).toBeDefined();
    await own.close();
    await own.close();
    await expectCode('E_STORAGE', own.get(scenario.partition, 'before'));
    expect(other.isOpen).toBe(true);
  });

  test('one that its owner has closed is reported as that', async () => {
    const database = new DatabaseSync(':memory:');
    const own = sqliteBackend(database);
    await own.get('a', 'b');
    database.close();
    const error = await expectCode('E_STORAGE', own.get('a', 'b'));
    expect(error.message).toContain('closed');
    await own.close();
  });
});

describe('a statement that fails in the middle', () => {
  const sentinel = 'sentinel-that-must-not-reach-a-log-4d1c';

  test('leaves the previous record, and says nothing of what the database said', async () => {
    const before = await scenario.add('one');
    for (const event of ['UPDATE', 'INSERT', 'DELETE']) {
      other.exec(`CREATE TRIGGER on_${event} AFTER ${event} ON tokenkeep_record
        BEGIN SELECT RAISE(ABORT, '${sentinel}'); END`);
    }
    const { partition, sample } = scenario;
    for (const operation of [
      () => backend.put(sample('one', { revision: 2 }), { revision: 1 }),
      () => backend.put(sample('two'), {}),
      () => backend.claim(partition, 'one', { revision: 1, owner: 'a', ttlMs: 1000 }),
      () => backend.delete(partition, 'one'),
      () => backend.clear(partition),
    ]) {
      const error = await expectCode('E_STORAGE', operation);
      expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain(sentinel);
      expect(error.message).not.toMatch(/SQL|tokenkeep_record/);
    }
    expect(await backend.get(partition, 'one')).toEqual(unclaimedRecord(before));
  });

  test('because a check fails is no conflict', async () => {
    await scenario.add('one');
    const { sample } = scenario;
    await expectCode('E_STORAGE', backend.put(sample('two', { revision: 0 }), {}));
    await expectCode('E_STORAGE', backend.put(sample('one', { revision: 0 }), { revision: 1 }));
  });

  test('because there is no room left is E_QUOTA, and works when there is', async () => {
    const own = sqliteBackend(other);
    await own.get('a', 'b');
    const { page_count: pages } = other.prepare('PRAGMA page_count').get() as { page_count: number };
    other.exec(`PRAGMA max_page_count = ${pages}`);
    const large = scenario.sample('large', { sealed: new Uint8Array(100_000) });
    await expectCode('E_QUOTA', own.put(large, {}));
    expect(await backend.get(scenario.partition, 'large')).toBeUndefined();
    other.exec('PRAGMA max_page_count = 10000');
    expect(await own.put(large, {})).toBe('stored');
  });
});

describe('rows that somebody has altered', () => {
  const alterations = [
    'revision = 1152921504606846976',
    'expires_at = 9223372036854775807, due_at = -1',
    "sealed = x'', identity = x'00'",
    "key_id = '', index_key_id = char(0)",
    'claim_until = 9223372036854775807, retry_at = 9223372036854775807',
    'claim_until = -9223372036854775808',
    "claim_owner = CAST(x'ff00c328' AS TEXT)",
    "id = CAST(x'ff00c328' AS TEXT)",
    "lookup_user_name = x'', lookup_grant_token = zeroblob(100000)",
  ];

  test('spoil no listing, no search and no count', async () => {
    for (const [n, alteration] of alterations.entries()) {
      await scenario.add(`altered ${n}`);
      other.exec(`UPDATE tokenkeep_record SET ${alteration} WHERE id = 'altered ${n}'`);
    }
    const good = await scenario.add('good');
    const { partition, keyId } = scenario;
    const { records } = await backend.page(partition, 100);
    expect(records).toHaveLength(alterations.length + 2);
    expect(records.find(({ id }) => id === 'good')).toEqual(unclaimedRecord(good));
    expect(records.find(({ id }) => id === 'altered 0')?.revision).toBe(0);
    expect(await backend.find(partition, 'identity', [good.identity])).toEqual([unclaimedRecord(good)]);
    const use = { keyId, indexKeyId: '89abcdef', records: alterations.length + 1 };
    expect(await backend.keyUse(partition)).toEqual([{ keyId: '', indexKeyId: '', records: 1 }, use]);
    await backend.due(partition, 5000, 10);
  });
});

describe('what a caller passes', () => {
  test.each([undefined, null, '', 'a\0b', 42, {}, new URL('file:///tmp/a.db')])(
    'is refused at once when it is no database: %s',
    async (database) => {
      const error = await expectCode('E_CONFIG', () => sqliteBackend(database as string));
      expect(error.message).toContain(':memory:');
    },
  );

  test('may be any connection that has what is called', async () => {
    const narrow: SqliteLike = { exec: (sql) => other.exec(sql), prepare: (sql) => other.prepare(sql) };
    expect(await sqliteBackend(narrow).get(scenario.partition, 'before')).toBeDefined();
  });
});
