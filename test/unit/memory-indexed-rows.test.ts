import { describe, expect, test } from 'vitest';
import { indexedRows } from '../../src/backends/indexed-rows.ts';
import type { PlainRow } from '../../src/backends/plain-row.ts';

const row = (id: string, change: Partial<PlainRow> = {}): PlainRow => ({
  partition: 'p',
  id,
  revision: 1,
  identity: `identity of ${id}`,
  lookups: { userName: `user ${id}` },
  keyId: '00000000',
  indexKeyId: '00000000',
  expiresAt: 0,
  dueAt: 0,
  sealed: '',
  ...change,
});

/** A row that counts how often somebody looks at its identity or its lookups. */
function watched(id: string, looks: { count: number }): PlainRow {
  const { identity, lookups, ...rest } = row(id);
  const count = <T>(value: T): T => {
    looks.count++;
    return value;
  };
  return {
    ...rest,
    get identity() {
      return count(identity);
    },
    get lookups() {
      return count(lookups);
    },
  };
}

const ids = (rows: readonly PlainRow[]): string => rows.map(({ id }) => id).join(' ');

describe('rows that are indexed', () => {
  test('are found, updated, added and deleted without a look at any other row', () => {
    const rows = indexedRows();
    const looks = { count: 0 };
    for (let n = 0; n < 1000; n++) rows.set(watched(`${n}`, looks));
    rows.set(row('a'));
    looks.count = 0;
    expect(ids(rows.find('p', 'userName', ['user a', 'user b']))).toBe('a');
    expect(ids(rows.find('p', 'identity', ['identity of a']))).toBe('a');
    expect(rows.get('p', 'a')?.id).toBe('a');
    rows.set(row('a', { lookups: {} }));
    rows.set(row('b'));
    rows.delete('p', 'a');
    expect(ids(rows.find('p', 'userName', ['user a', 'user b']))).toBe('b');
    expect(looks.count).toBe(0);
    expect(ids(rows.find('p', 'userName', ['user 7']))).toBe('7');
    expect(looks.count).toBe(0);
  });

  test('are listed in the order of their ids, also those that came or went since the last listing', () => {
    const rows = indexedRows();
    for (const id of ['c', 'a', 'e']) rows.set(row(id));
    expect(ids(rows.page('p', 2))).toBe('a c');
    rows.set(row('b'));
    expect(ids(rows.page('p', 2))).toBe('a b');
    expect(ids(rows.page('p', 2, 'b'))).toBe('c e');
    rows.delete('p', 'c');
    expect(ids(rows.page('p', 2, 'b'))).toBe('e');
    rows.set(row('e', { revision: 2 }));
    expect(rows.page('p', 9, 'b').map(({ revision }) => revision)).toEqual([2]);
    expect(ids(rows.page('p', 9, 'bb'))).toBe('e');
    expect(ids(rows.page('p', 9, 'e'))).toBe('');
  });

  test('are no longer found by what they had before', () => {
    const rows = indexedRows();
    rows.set(row('a'));
    rows.set(row('b', { lookups: { userName: 'user a', accessToken: 'access' } }));
    expect(ids(rows.find('p', 'userName', ['user a', 'user a']))).toBe('a b');
    expect(ids(rows.find('p', 'userName', ['access']))).toBe('');
    rows.set(row('a', { identity: 'another', lookups: { accessToken: 'access' } }));
    expect(ids(rows.find('p', 'userName', ['user a']))).toBe('b');
    expect(ids(rows.find('p', 'identity', ['identity of a']))).toBe('');
    rows.delete('p', 'b');
    expect(ids(rows.find('p', 'accessToken', ['access']))).toBe('a');
    rows.clear('p');
    expect(ids(rows.find('p', 'accessToken', ['access']))).toBe('');
  });

  test('are counted, whatever happens to them', () => {
    const rows = indexedRows();
    rows.set(row('a'));
    rows.set(row('a', { revision: 2 }));
    rows.set(row('b'));
    rows.set(row('a', { partition: 'q' }));
    expect([rows.size, rows.all().length, rows.all('p').length]).toEqual([3, 3, 2]);
    rows.delete('p', 'b');
    rows.delete('p', 'b');
    rows.delete('r', 'b');
    expect([rows.size, rows.all().length]).toEqual([2, 2]);
    rows.clear('p');
    rows.clear('p');
    expect([rows.size, rows.all().length]).toEqual([1, 1]);
  });

  test('are scanned in the order of their partitions and ids, beginning after any of them', () => {
    const rows = indexedRows();
    const names = (limit: number, after?: { partition: string; id: string }, passes = (_: PlainRow) => true): string =>
      rows
        .scan(limit, passes, after)
        .map(({ partition, id }) => partition + id)
        .join(' ');
    expect(names(9)).toBe('');
    for (const id of ['b', 'a', 'c']) for (const partition of ['q', 'p']) rows.set(row(id, { partition }));
    expect(names(9)).toBe('pa pb pc qa qb qc');
    expect(names(2)).toBe('pa pb');
    expect(names(2, { partition: 'p', id: 'b' })).toBe('pc qa');
    expect(names(9, { partition: 'p', id: 'bb' })).toBe('pc qa qb qc');
    expect(names(9, { partition: 'o', id: 'z' })).toBe('pa pb pc qa qb qc');
    expect(names(9, { partition: 'pp', id: '' })).toBe('qa qb qc');
    expect(names(9, { partition: 'q', id: 'c' })).toBe('');
    expect(names(2, undefined, ({ id }) => id === 'b')).toBe('pb qb');
    rows.set(row('a', { partition: 'o' }));
    rows.delete('q', 'a');
    expect(names(9)).toBe('oa pa pb pc qb qc');
    rows.clear('p');
    rows.delete('o', 'a');
    expect(names(9)).toBe('qb qc');
  });

  test('are scanned without a look at those before the cursor', () => {
    const rows = indexedRows();
    let looks = 0;
    for (const partition of ['p', 'q']) for (let n = 100; n < 200; n++) rows.set(row(`${n}`, { partition }));
    const look = (): boolean => ++looks > 0;
    expect(ids(rows.scan(3, look, { partition: 'q', id: '150' }))).toBe('151 152 153');
    expect(looks).toBe(3);
  });
});
