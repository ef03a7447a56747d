import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import { type D1Like, d1Backend } from '../../src/backends/d1-backend.ts';
import { recordSql } from '../../src/backends/record-sql.ts';
import type { KeptRecord, PutCondition, RecordWrite, StoredRecord } from '../../src/core/record-backend.ts';
import { expectCode } from '../support/expect-code.ts';
import { countingD1 } from './counting-d1.ts';

const db = countingD1(env.DB);
const backend = d1Backend(db);
const partition = 'sentinel-partition-5fc1/tokens';
const value = () => crypto.getRandomValues(new Uint8Array(16));

function sample(id: string, changes: Partial<StoredRecord> = {}): StoredRecord {
  const record = { partition, id, revision: 1, identity: value(), lookups: { userName: value() }, keyId: 'aaaaaaaa' };
  return { ...record, indexKeyId: 'bbbbbbbb', expiresAt: 0, dueAt: 0, sealed: value(), ...changes };
}
const write = (record: StoredRecord, condition: PutCondition = {}): RecordWrite => ({ record, condition });
const many = (count: number, changes: Partial<StoredRecord> = {}): readonly RecordWrite[] =>
  Array.from({ length: count }, (_, i) => write(sample(`id ${i}`, changes)));
const kept = (record: StoredRecord): KeptRecord => ({ ...record, claim: { owner: '', heldMs: 0, coolingMs: 0 } });
/** How many statements went in each of the round trips. */
const trips = (): readonly number[] => {
  const together = db.take().map((statement) => statement.together);
  const lengths: number[] = [];
  for (let at = 0; at < together.length; at += together[at] as number) lengths.push(together[at] as number);
  return lengths;
};

afterEach(() => env.DB.prepare('DELETE FROM tokenkeep_record').run());

describe('to write many records, the D1 backend', () => {
  test.each([
    [1, [1]],
    [20, [20]],
    [100, [100]],
    [101, [100, 1]],
    [250, [100, 100, 50]],
  ])('runs the %d statements in batches of %j', async (count, batches) => {
    trips();
    expect(await backend.putEach(many(count))).toEqual(Array(count).fill('stored'));
    expect(trips()).toEqual(batches);
  });

  test('asks for nothing when there are none', async () => {
    trips();
    expect(await backend.putEach([])).toEqual([]);
    expect(trips()).toEqual([]);
  });

  test('sends no more than a mebibyte at once, but for a record that is larger', async () => {
    const half = 2 ** 19 - 100;
    trips();
    await backend.putEach(many(5, { sealed: new Uint8Array(half) }));
    expect(trips()).toEqual([2, 2, 1]);
    const sizes = [10, 1_200_000, 10, 10];
    const writes = sizes.map((length, i) => write(sample(`large ${i}`, { sealed: new Uint8Array(length) })));
    expect(await backend.putEach(writes)).toEqual(['stored', 'stored', 'stored', 'stored']);
    expect(trips()).toEqual([1, 1, 2]);
  });

  test('binds every value, and of each statement no more than D1 takes', async () => {
    await backend.put(sample('sentinel-id-77aa'), {});
    db.take();
    const update = write(sample('sentinel-id-77aa', { revision: 2 }), { revision: 1, claimOwner: 'sentinel-owner' });
    await backend.putEach([update, write(sample('sentinel-id-91e0'))]);
    const statements = db.take();
    expect(statements.map(({ sql }) => sql)).toEqual([recordSql.update, recordSql.insert]);
    for (const { values } of statements) {
      expect(values.length).toBeLessThanOrEqual(16);
      expect(values).not.toContain(undefined);
    }
  });

  test('pays for no row of a write that is refused', async () => {
    const [first, second] = [sample('first'), sample('second')];
    await backend.putEach([write(first), write(second)]);
    db.take();
    const outcomes = await backend.putEach([
      write(sample('first')),
      write(sample('third', { identity: first.identity })),
      write(sample('second', { identity: first.identity }), { revision: 1 }),
      write(sample('second'), { revision: 9 }),
    ]);
    expect(outcomes).toEqual(Array(4).fill('conflict'));
    expect(db.take().map(({ rowsWritten }) => rowsWritten)).toEqual([0, 0, 0, 0]);
  });
});

describe('a batch of D1 that fails', () => {
  const sentinel = 'sentinel-that-must-not-reach-a-log-4d1c';

  test('in the middle undoes the writes before it, and says nothing of what the database said', async () => {
    const before = sample('present');
    await backend.put(before, {});
    const raise = `BEGIN SELECT RAISE(ABORT, '${sentinel}'); END`;
    await env.DB.prepare(`CREATE TRIGGER fail AFTER INSERT ON tokenkeep_record WHEN new.id = 'id 2' ${raise}`).run();
    const update = write(sample('present', { revision: 2 }), { revision: 1 });
    const failure: unknown = await backend.putEach([update, ...many(5)]).catch((error: unknown) => error);
    await env.DB.prepare('DROP TRIGGER fail').run();
    expect(failure).toMatchObject({ name: 'TokenkeepError', code: 'E_STORAGE' });
    const { message, stack, cause } = failure as Error;
    expect(`${message}${stack}${JSON.stringify(failure)}${cause}`).not.toMatch(/sentinel|SQL|D1_/);
    expect((await backend.page(partition, 10)).records).toEqual([kept(before)]);
    expect(await backend.putEach([update, ...many(5)])).toEqual(Array(6).fill('stored'));
  });

  test('after another has succeeded leaves what that wrote, and is followed by none', async () => {
    const records = many(301);
    const refused = { ...(records[150] as RecordWrite).record, revision: 0 };
    trips();
    const writes = [...records.slice(0, 150), write(refused), ...records.slice(151)];
    await expectCode('E_STORAGE', backend.putEach(writes));
    expect(trips()).toEqual([100]);
    expect((await backend.page(partition, 1000)).records).toHaveLength(100);
  });

  test('because the database is full is E_QUOTA', async () => {
    const raise = `BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`;
    await env.DB.prepare(`CREATE TRIGGER fail AFTER INSERT ON tokenkeep_record ${raise}`).run();
    await expectCode('E_QUOTA', backend.putEach(many(2)));
    await env.DB.prepare('DROP TRIGGER fail').run();
  });

  test('when its acknowledgement is lost is not repeated', async () => {
    let batches = 0;
    const lossy: D1Like = {
      prepare: (sql) => env.DB.prepare(sql),
      batch: async (statements) => {
        batches++;
        await env.DB.batch(statements as D1PreparedStatement[]);
        throw new Error(`D1_ERROR: Network connection lost. ${sentinel}`);
      },
    };
    await expectCode('E_STORAGE', d1Backend(lossy).putEach(many(3)));
    expect(batches).toBe(1);
    expect((await backend.page(partition, 10)).records).toHaveLength(3);
    expect(await backend.putEach(many(3))).toEqual(Array(3).fill('conflict'));
  });
});

describe('to read the records of all partitions, the D1 backend', () => {
  const planOf = async (sql: string, ...values: unknown[]): Promise<string> => {
    const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(...values)
      .all();
    return results.map(({ detail }) => String(detail)).join('\n');
  };
  const key = new TextEncoder().encode('a');

  test('runs one statement for a page, which begins where the one before ended and sorts nothing', async () => {
    const plan = await planOf(recordSql.scan, key, key, 'aaaaaaaa', 'bbbbbbbb', 10);
    expect(plan).toMatch(/SEARCH tokenkeep_record USING INDEX sqlite_autoindex_tokenkeep_record_1 \(\(partition,id\)>/);
    expect(plan).not.toMatch(/SORT|TEMP|SCAN/);
    await backend.putEach(many(9));
    trips();
    const { cursor = '' } = await backend.scan(4);
    await backend.scan(4, { cursor, except: { keyId: 'aaaaaaaa', indexKeyId: 'aaaaaaaa' } });
    expect(trips()).toEqual([1, 1]);
  });

  test('reads no row that is before the cursor', async () => {
    await backend.putEach(many(100));
    const { cursor = '' } = await backend.scan(95);
    const [partitionBytes, idBytes] = cursor
      .split('.')
      .map((part) => Uint8Array.from(atob(part), (c) => c.charCodeAt(0)));
    const { meta, results } = await env.DB.prepare(recordSql.scan).bind(partitionBytes, idBytes, null, null, 10).all();
    expect(results).toHaveLength(5);
    expect(meta.rows_read).toBeLessThanOrEqual(12);
  });

  test('leaves out in the database what it was told to', async () => {
    await backend.putEach([...many(20), write(sample('other', { keyId: 'cccccccc' }))]);
    const except = { keyId: 'aaaaaaaa', indexKeyId: 'bbbbbbbb' };
    const { results } = await env.DB.prepare(recordSql.scan)
      .bind(new Uint8Array(), new Uint8Array(), except.keyId, except.indexKeyId, 10)
      .all();
    expect(results.map(({ id_json }) => id_json)).toEqual(['"other"']);
    expect((await backend.scan(10, { except })).records.map(({ id }) => id)).toEqual(['other']);
  });

  test('refuses a cursor of no page with E_INPUT before it asks the database', async () => {
    trips();
    for (const cursor of ['a', '.a.', "' OR 1=1 --", '%00.%00', '..', '"a"."b"', '', 'YQ==.YQ==']) {
      await expectCode('E_INPUT', backend.scan(10, { cursor }));
    }
    expect(trips()).toEqual([]);
  });
});

test('rows that somebody has altered on D1 are scanned and counted like others', async () => {
  const altered = [
    "key_id = ''",
    "key_id = char(27) || '[2J', index_key_id = 'AAAAAAAA'",
    "id = CAST(x'ff00c328' AS TEXT)",
  ];
  await backend.putEach(many(altered.length + 1));
  for (const [i, change] of altered.entries()) {
    await env.DB.prepare(`UPDATE tokenkeep_record SET ${change} WHERE id = 'id ${i}'`).run();
  }
  let shown = 0;
  let cursor: string | undefined;
  for (let pages = 0; pages < 10; pages++) {
    const page = await backend.scan(1, cursor === undefined ? {} : { cursor });
    shown += page.records.length;
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  expect([shown, cursor]).toEqual([altered.length + 1, undefined]);
  expect(await backend.keyUse(partition)).toEqual([
    { keyId: '', indexKeyId: '', records: 1 },
    { keyId: '', indexKeyId: 'bbbbbbbb', records: 1 },
    { keyId: 'aaaaaaaa', indexKeyId: 'bbbbbbbb', records: 2 },
  ]);
});
