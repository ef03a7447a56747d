import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { recordSql } from '../../src/backends/record-sql.ts';
import type { LookupField, StoredRecord } from '../../src/core/record-backend.ts';
import { countingD1 } from './counting-d1.ts';

const db = countingD1(env.DB);
const backend = d1Backend(db);
const partition = 'sentinel-partition-5fc1/tokens';
const value = () => crypto.getRandomValues(new Uint8Array(16));

function sample(id: string, changes: Partial<StoredRecord> = {}): StoredRecord {
  const lookups = { userName: value(), accessToken: value(), refreshToken: value(), grantToken: value() };
  const record = { partition, id, revision: 1, identity: value(), lookups, keyId: 'aaaaaaaa', indexKeyId: 'bbbbbbbb' };
  return { ...record, expiresAt: 0, dueAt: 0, sealed: value(), ...changes };
}

describe('the D1 backend runs one statement', () => {
  const record = sample('sentinel-id-77aa', { expiresAt: 5000 });
  const { id } = record;
  const claim = (owner: string) => backend.claim(partition, id, { revision: 3, owner, ttlMs: 60_000 });
  const renewal = { revision: 2, claimOwner: 'a', renewed: true };
  const operations: readonly (readonly [name: string, run: () => Promise<unknown>])[] = [
    ['to write a new record', () => backend.put(record, {})],
    ['to update a record', () => backend.put({ ...record, revision: 2 }, { revision: 1 })],
    [
      'to update a record and end a claim',
      () => backend.put({ ...record, revision: 2 }, { revision: 2, claimOwner: 'a' }),
    ],
    ['to update a record with another refresh token', () => backend.put({ ...record, revision: 3 }, renewal)],
    ['to be refused a write', () => backend.put({ ...record, revision: 2 }, { revision: 1 })],
    ['to read a record', () => backend.get(partition, id)],
    ['to find by a lookup', () => backend.find(partition, 'userName', [value(), value()])],
    ['to find by identity', () => backend.find(partition, 'identity', [record.identity])],
    ['to claim', () => claim('sentinel-owner-19ff')],
    ['to be refused a claim', () => claim('b')],
    [
      'to release, cool down and doubt',
      () => backend.release(partition, id, { owner: 'sentinel-owner-19ff', coolingMs: 1000, inDoubt: true }),
    ],
    ['to release', () => backend.release(partition, id, { owner: 'sentinel-owner-19ff' })],
    ['to list', () => backend.page(partition, 10)],
    ['to count in a partition', () => backend.keyUse(partition)],
    ['to count everywhere', () => backend.keyUse()],
    ['to scan', () => backend.scan(10)],
    ['to scan on', () => backend.scan(10, { cursor: 'cA.aQ', except: { keyId: 'sentinel', indexKeyId: "' OR 1" } })],
    ['to delete a record', () => backend.delete(partition, id)],
    ['to list what is due', () => backend.due(partition, 5000, 10)],
    ['to delete expired records', () => backend.deleteExpired(5000, 10)],
    ['to clear a partition', () => backend.clear(partition)],
  ];

  test.each(operations)('%s, with every value bound and none undefined', async (_name, run) => {
    db.take();
    await run();
    const statements = db.take();
    expect(statements).toHaveLength(1);
    for (const { sql, values } of statements) {
      expect(sql).not.toContain('sentinel');
      for (const bound of values) {
        expect(bound === null || bound instanceof Uint8Array || ['string', 'number'].includes(typeof bound)).toBe(true);
      }
    }
  });

  test('to find nothing by no values, it runs none', async () => {
    db.take();
    expect(await backend.find(partition, 'userName', [])).toEqual([]);
    expect(db.take()).toEqual([]);
  });
});

describe('the D1 backend pays for', () => {
  test('one written row for a claim or a release, and none for a claim that is refused', async () => {
    // Due, so that an index over its claim would show.
    const record = sample('claimed', { dueAt: 1000, expiresAt: 4_102_444_800_000 });
    await backend.put(record, {});
    db.take();
    const claim = (owner: string, revision = 1) =>
      backend.claim(partition, 'claimed', { owner, revision, ttlMs: 60_000 });
    expect((await claim('a')).granted).toBe(true);
    expect((await claim('b')).granted).toBe(false);
    expect((await claim('b', 2)).granted).toBe(false);
    await backend.release(partition, 'claimed', { owner: 'b', inDoubt: true });
    await backend.release(partition, 'absent', { owner: 'a' });
    await backend.release(partition, 'claimed', { owner: 'a', coolingMs: 60_000 });
    expect((await claim('c')).granted).toBe(false);
    expect(db.take().map(({ rowsWritten }) => rowsWritten)).toEqual([1, 0, 0, 0, 0, 1, 0]);
  });

  test('one written row more where a record is due, and for no other', async () => {
    const lookups = {};
    db.take();
    await backend.put(sample('not due', { lookups }), {});
    await backend.put(sample('due', { lookups, dueAt: 1000 }), {});
    const [notDue, due] = db.take().map(({ rowsWritten }) => rowsWritten);
    expect(due).toBe((notDue as number) + 1);
    await backend.put(sample('not due', { lookups, revision: 2 }), { revision: 1 });
    await backend.put(sample('due', { lookups, revision: 2, dueAt: 2000 }), { revision: 1 });
    const [stillNot, still] = db.take().map(({ rowsWritten }) => rowsWritten);
    expect(still).toBeGreaterThan(stillNot as number);
    await backend.due(partition, 5000, 10);
    await backend.get(partition, 'due');
    expect(db.take().map(({ rowsWritten }) => rowsWritten)).toEqual([0, 0]);
  });

  test('no written row when a write is refused', async () => {
    const first = sample('first');
    await backend.put(first, {});
    await backend.put(sample('second'), {});
    db.take();
    expect(await backend.put(sample('first'), {})).toBe('conflict');
    expect(await backend.put(sample('third', { identity: first.identity }), {})).toBe('conflict');
    expect(await backend.put(sample('second', { identity: first.identity }), { revision: 1 })).toBe('conflict');
    expect(await backend.put(sample('second'), { revision: 9 })).toBe('conflict');
    expect(db.take().map(({ rowsWritten }) => rowsWritten)).toEqual([0, 0, 0, 0]);
  });
});

describe('the D1 backend searches by an index', () => {
  const planOf = async (sql: string, ...values: unknown[]): Promise<string> => {
    const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(...values)
      .all();
    return results.map(({ detail }) => String(detail)).join('\n');
  };

  test.each<[LookupField | 'identity', string]>([
    ['identity', 'tokenkeep_record_identity'],
    ['userName', 'tokenkeep_record_user_name'],
    ['accessToken', 'tokenkeep_record_access_token'],
    ['refreshToken', 'tokenkeep_record_refresh_token'],
    ['grantToken', 'tokenkeep_record_grant_token'],
  ])('for %s', async (field, index) => {
    expect(await planOf(recordSql.find(field, 2), partition, value(), value())).toContain(`USING INDEX ${index}`);
  });

  test('for an id, for a page, for what has expired and for what is due', async () => {
    const primaryKey = 'USING INDEX sqlite_autoindex_tokenkeep_record_1';
    expect(await planOf(recordSql.get, partition, 'a')).toContain(primaryKey);
    const page = await planOf(recordSql.page, partition, 'a', 10);
    expect(page).toContain(primaryKey);
    expect(page).not.toContain('SORT');
    expect(await planOf(recordSql.deleteExpired, 1, 10)).toContain('tokenkeep_record_expires_at');
    expect(await planOf(recordSql.due, partition, 1, 10)).toContain('USING INDEX tokenkeep_record_due_at');
  });
});
