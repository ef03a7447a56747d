import { createConnection } from 'mysql2/promise';
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { sampleRecord } from '../browser/sample-record.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';

const { settings, connection, drop } = await mariadbDatabase(inject('mariadb'));
const backend = mysqlBackend({ pool: connection });
// Somebody else, who has set another time zone.
const abroad = await createConnection(settings);
const elsewhere = mysqlBackend({ pool: abroad });
await abroad.query("SET SESSION time_zone = '-11:00'");
const minute = 60_000;
afterAll(async () => {
  await abroad.end();
  await drop();
});

/** Sets the clock of both connections. */
async function setClock(instant: string): Promise<void> {
  for (const one of [connection, abroad]) await one.query('SET SESSION timestamp = ?', [Date.parse(instant) / 1000]);
}

describe('claims go by the clock of the MySQL server, in UTC:', () => {
  const { partition } = sampleRecord('one');
  const claim = (owner: string) => elsewhere.claim(partition, 'one', { owner, revision: 1, ttlMs: 30 * minute });

  beforeEach(async () => {
    await backend.clear(partition);
    await backend.put(sampleRecord('one'), {});
  });

  // The server's local time is five and a half hours ahead of UTC, and another one in summer.
  test.each([
    [
      'when summer time ends, and an hour comes twice',
      '2026-10-24T20:15:00Z',
      '2026-10-24T20:40:00Z',
      '2026-10-24T20:46:00Z',
    ],
    [
      'when summer time begins, and an hour is left out',
      '2026-03-28T20:15:00Z',
      '2026-03-28T20:40:00Z',
      '2026-03-28T20:46:00Z',
    ],
  ])('%s', async (_, began, held, over) => {
    await setClock(began);
    expect(await claim('a')).toEqual({ granted: true, doubts: 0 });
    await setClock(held);
    expect(await claim('b')).toEqual({ granted: false });
    const heldMs = (await backend.get(partition, 'one'))?.claim.heldMs;
    expect(heldMs).toBe(30 * minute - (Date.parse(held) - Date.parse(began)));
    expect((await elsewhere.get(partition, 'one'))?.claim.heldMs).toBe(heldMs);
    await setClock(over);
    expect((await backend.get(partition, 'one'))?.claim.heldMs).toBe(0);
    expect(await claim('b')).toEqual({ granted: true, doubts: 1 });
  });
});
