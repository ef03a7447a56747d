import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { createPool, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { mysqlSql } from '../../src/backends/node/mysql-sql.ts';
import { mysqlStatement } from '../../src/backends/node/mysql-statement.ts';
import type { SqlValue } from '../../src/backends/record-row.ts';
import type { RecordWrite } from '../../src/core/record-backend.ts';
import { sampleRecord } from '../browser/sample-record.ts';
import { expectCode } from '../support/expect-code.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';

const { settings, connection, drop } = await mariadbDatabase(inject('mariadb'));
const pool = createPool({ ...settings, connectionLimit: 20 });
const counts = { statements: 0, underWay: 0, atOnce: 0 };
const backend = mysqlBackend({
  pool: {
    async getConnection() {
      counts.atOnce = Math.max(counts.atOnce, ++counts.underWay);
      const own = await pool.getConnection();
      return {
        query(statement) {
          counts.statements++;
          return own.query(statement);
        },
        destroy: () => own.destroy(),
        release() {
          counts.underWay--;
          own.release();
        },
      };
    },
  },
});
const partition = 'default/tokens';
const sql = mysqlSql('oauthtoken');
const writes = (count: number): readonly RecordWrite[] =>
  Array.from({ length: count }, (_, i) => ({ record: sampleRecord(`id ${i}`), condition: {} }));
const stored = (count: number): readonly string[] => Array(count).fill('stored');

beforeEach(async () => {
  await backend.get('a', 'b');
  await connection.query('DELETE FROM oauthtoken');
  Object.assign(counts, { statements: 0, atOnce: 0 });
});
afterAll(async () => {
  await pool.end();
  await drop();
});

describe('many records of MySQL', () => {
  test('are written with a statement each, over four connections at once, and none for no records', async () => {
    expect(await backend.putEach([])).toEqual([]);
    expect(counts.statements).toBe(0);
    expect(await backend.putEach(writes(40))).toEqual(stored(40));
    expect(counts).toEqual({ statements: 40, underWay: 0, atOnce: 4 });
  });

  test('are written over one connection as well', async () => {
    const own = await pool.getConnection();
    onTestFinished(() => own.release());
    expect(await mysqlBackend({ pool: own }).putEach(writes(10))).toEqual(stored(10));
  });

  test('are as they were or as they were to be when one of them is refused, and nothing is under way then', async () => {
    const records = writes(30);
    const refused = { record: sampleRecord('zero', { revision: 0 }), condition: {} };
    await expectCode('E_STORAGE', backend.putEach([...records.slice(0, 10), refused, ...records.slice(10)]));
    expect(counts.underWay).toBe(0);
    const { records: kept } = await backend.page(partition, 100);
    expect(kept.length).toBeGreaterThanOrEqual(10);
    const outcomes = await backend.putEach(records);
    expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(kept.length);
  });

  test('are not written twice, but read again, when the connection is lost', async () => {
    let cuts = 0;
    const proxy = createServer((client) => {
      const server = connect(settings.port, settings.host);
      client.on('error', () => undefined);
      server.on('error', () => undefined);
      let asked = false;
      client.on('data', (chunk) => {
        asked ||= /oauthtoken/.test(chunk.toString('latin1'));
        server.write(chunk);
      });
      server.on('data', (chunk) => {
        if (asked && cuts > 0) {
          cuts--;
          client.destroy();
        } else client.write(chunk);
      });
      client.on('close', () => server.destroy());
      server.on('close', () => client.destroy());
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const cut = mysqlBackend({ ...settings, port: (proxy.address() as AddressInfo).port });
    onTestFinished(async () => {
      await cut.close();
      proxy.close();
    });
    cuts = 1;
    await expectCode('E_STORAGE', cut.putEach(writes(1)));
    expect((await backend.page(partition, 10)).records).toHaveLength(1);
    cuts = 2;
    expect((await cut.scan(10)).records).toHaveLength(1);
    cuts = 2;
    expect((await cut.keyUse()).map(({ records }) => records)).toEqual([1]);
    expect(cuts).toBe(0);
  });
});

describe('a scan of MySQL', () => {
  /** How many rows the server read for a statement. */
  const readFor = async (text: string, ...values: readonly SqlValue[]): Promise<number> => {
    await connection.query('FLUSH STATUS');
    await connection.query(mysqlStatement(text, values));
    const [rows] = await connection.query<RowDataPacket[]>("SHOW SESSION STATUS LIKE 'Handler_read%'");
    return rows.reduce((sum, row) => sum + Number(row.Value), 0);
  };
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  test('reads no row that is before the cursor, and begins in the middle of a partition', async () => {
    await connection.query(`INSERT INTO oauthtoken (partition_name, id, revision, identity, key_id, index_key_id,
      expires_at, due_at, sealed) SELECT CONCAT('p', seq % 2), LPAD(seq, 5, '0'), 1, UNHEX(MD5(seq)), 'aaaaaaaa',
      'bbbbbbbb', 0, 0, REPEAT('x', 594) FROM seq_1_to_2000`);
    for (const [name, id] of [
      ['p0', '00400'],
      ['p1', '01500'],
      ['p0', '01999'],
      ['', ''],
    ]) {
      expect(await readFor(sql.scan, bytes(name ?? ''), bytes(id ?? ''), null, null, 11)).toBeLessThanOrEqual(15);
    }
    const statement = mysqlStatement(`EXPLAIN ${sql.scan}`, [bytes('p0'), bytes('00400'), 'aaaaaaaa', 'cccccccc', 11]);
    const [[plan]] = await connection.query<RowDataPacket[]>(statement);
    expect([plan?.key, plan?.type]).toEqual(['PRIMARY', 'range']);
    expect(plan?.Extra).not.toContain('filesort');
  });

  test('shows each record once, and comes to an end, whatever the names are that somebody gave them', async () => {
    await backend.putEach(writes(12));
    const names = ["X'FF00C328'", "X'FF01'", "X'00'", "X'0061'", "X'C3'"];
    for (const [i, name] of names.entries()) {
      await connection.query(`UPDATE oauthtoken SET id = ${name} WHERE id = 'id ${i}'`);
    }
    await connection.query("UPDATE oauthtoken SET partition_name = X'FF', key_id = X'1B5B324A' WHERE id = 'id 7'");
    for (const limit of [1, 5]) {
      const cursors = new Set<string>();
      let shown = 0;
      for (let cursor: string | undefined = '.'; cursor !== undefined; ) {
        expect(cursors.has(cursor)).toBe(false);
        cursors.add(cursor);
        const page = await backend.scan(limit, { cursor });
        shown += page.records.length;
        cursor = page.cursor;
      }
      expect(shown).toBe(12);
    }
    expect((await backend.keyUse()).map(({ keyId, records }) => [keyId, records])).toEqual([
      ['', 1],
      ['aaaaaaaa', 11],
    ]);
  });

  test('refuses a cursor of no page before it asks the server', async () => {
    for (const cursor of ['a', '.a.', "' OR 1=1 --", '..', '']) {
      await expectCode('E_INPUT', backend.scan(10, { cursor }));
    }
    expect(counts.statements).toBe(0);
  });
});
