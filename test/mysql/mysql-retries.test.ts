import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { afterAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { kept, sampleRecord } from '../browser/sample-record.ts';
import { expectCode } from '../support/expect-code.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';

const { settings, connection, drop } = await mariadbDatabase(inject('mariadb'));
const partition = 'default/tokens';
afterAll(drop);

/** Stands between a client and the server. Cuts the connection, instead of passing the answer on, as often as it is told to. */
async function startCutter() {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => sockets.add(socket.on('error', () => undefined)) && socket;
  const cutter = { port: 0, cuts: 0, statements: 0 };
  const proxy = createServer((client) => {
    let asked = false;
    const server = keep(connect(settings.port, settings.host));
    keep(client).on('data', (chunk) => {
      // The kind of a command stands behind four bytes of length and number: 3 is a statement.
      if (chunk[3] === 0 && chunk[4] === 3 && !chunk.includes('SET SESSION')) {
        asked = true;
        cutter.statements++;
      }
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (asked && cutter.cuts > 0) {
        cutter.cuts--;
        client.destroy();
      } else client.write(chunk);
    });
    client.on('close', () => server.end());
    server.on('close', () => client.end());
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  cutter.port = (proxy.address() as AddressInfo).port;
  return cutter;
}

describe('when the connection is lost after a statement was sent, the MySQL backend', () => {
  test('reads again', async () => {
    const cutter = await startCutter();
    const record = sampleRecord('read');
    const direct = mysqlBackend(settings);
    await direct.put(record, {});
    const backend = mysqlBackend({ ...settings, port: cutter.port });
    onTestFinished(async () => void (await Promise.all([backend.close(), direct.close()])));
    cutter.cuts = 2;
    expect(await backend.get(partition, 'read')).toEqual(kept(record));
    expect(cutter).toMatchObject({ cuts: 0, statements: 3 });
  });

  test('does not write again, since nobody knows what was done', async () => {
    const cutter = await startCutter();
    const backend = mysqlBackend({ ...settings, port: cutter.port });
    onTestFinished(() => backend.close());
    const record = sampleRecord('written');
    cutter.cuts = 1;
    await expectCode('E_STORAGE', backend.put(record, {}));
    expect(cutter).toMatchObject({ cuts: 0, statements: 1 });
    const claim = { owner: 'a', revision: 1, ttlMs: 60_000 };
    cutter.cuts = 1;
    await expectCode('E_STORAGE', backend.claim(partition, 'written', claim));
    expect(cutter.statements).toBe(2);
    // Both were done, and the owner who asks again is told the same.
    expect(await backend.claim(partition, 'written', claim)).toEqual({ granted: true, doubts: 0 });
    cutter.cuts = 1;
    await expectCode('E_STORAGE', backend.put({ ...record, revision: 2 }, { revision: 1, claimOwner: 'a' }));
    expect(await backend.get(partition, 'written')).toEqual(kept({ ...record, revision: 2 }));
  });
});

test('a statement that the server gives up to end a deadlock is tried again', async () => {
  const backend = mysqlBackend({ ...settings, table: 'deadlock' });
  const other = await createConnection({ ...settings, multipleStatements: true });
  onTestFinished(async () => void (await Promise.all([backend.close(), other.end()])));
  for (const id of ['a', 'b']) await backend.put(sampleRecord(id), {});
  for (let n = 0; n < 20; n++) await backend.put(sampleRecord(`${n}`, { partition: 'weight' }), {});
  // It has written more than the backend will have, which is therefore chosen to give way.
  await other.query(`START TRANSACTION; UPDATE deadlock SET retry_at = 1 WHERE partition_name = 'weight';
    UPDATE deadlock SET retry_at = 1 WHERE partition_name = '${partition}' AND id = 'b'`);
  const cleared = backend.clear(partition);
  // What the server shows of this is renewed only when nobody has looked for a tenth of a second.
  const isWaiting = async (): Promise<boolean> => {
    const waiting =
      "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%deadlock%'";
    return ((await connection.query(waiting))[0] as unknown[]).length > 0;
  };
  await vi.waitUntil(isWaiting, { interval: 250, timeout: 10_000 });
  const [before] = await connection.query("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'");
  await other.query(`UPDATE deadlock SET retry_at = 1 WHERE partition_name = '${partition}' AND id = 'a'; COMMIT`);
  await cleared;
  const [after] = await connection.query("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'");
  expect(after).not.toEqual(before);
  expect(await backend.page(partition, 10)).toEqual({ records: [] });
  expect((await backend.page('weight', 100)).records).toHaveLength(20);
});
