import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { recordScenario } from '../../src/testing/record-scenario.ts';
import { observedFs } from '../support/file/observed-fs.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

vi.mock('node:fs', async (original) => {
  const { observeFs } = await import('../support/file/observed-fs.ts');
  return observeFs(await original());
});

const folder = temporaryFolder();

/** What the file system was asked while this ran. */
async function callsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  observedFs.calls = {};
  await work();
  return observedFs.calls;
}

/** Finds, reads and lists nothing but a header when nothing was added. */
const look = { openSync: 1, readSync: 1, closeSync: 1 };

describe('the file system', () => {
  let path: string;
  let backend: RecordBackend;
  let scenario: ReturnType<typeof recordScenario>;
  beforeEach(async () => {
    path = join(folder, crypto.randomUUID());
    backend = fileBackend(path);
    scenario = recordScenario(backend);
    await scenario.add('one');
    await scenario.add('two');
  });

  test('is asked for the header when a record is read, found, listed or counted, and for nothing else', async () => {
    const { partition } = scenario;
    for (const work of [
      () => backend.get(partition, 'one'),
      () => backend.find(partition, 'userName', [new Uint8Array(16)]),
      () => backend.page(partition, 10),
      () => backend.scan(10),
      () => backend.keyUse(),
      () => backend.due(partition, 0, 10),
    ]) {
      expect(await callsOf(work)).toEqual(look);
    }
  });

  test('writes twice and waits for the disk once when a record is saved, claimed or deleted', async () => {
    const { partition, sample } = scenario;
    const claim = { revision: 1, owner: 'a', ttlMs: 1000 };
    for (const work of [
      () => backend.put(sample('three'), {}),
      () => backend.put(sample('one', { revision: 2 }), { revision: 1 }),
      () => backend.claim(partition, 'two', claim),
      () => backend.release(partition, 'two', { owner: 'a' }),
      () => backend.delete(partition, 'one'),
      // however many there are
      () => backend.putEach(Array.from({ length: 100 }, (_, n) => ({ record: sample(`${n}`), condition: {} }))),
    ]) {
      expect(await callsOf(work)).toEqual({
        // under the lock, to write, and to read what was written
        openSync: 3,
        readSync: 3,
        closeSync: 3,
        // whether the lock and what is committed are still there
        statSync: 1,
        fstatSync: 2,
        // the lines and the commit point
        writeSync: 2,
        fdatasync: 1,
      });
    }
  });

  test('is left alone by a call without writes', async () => {
    expect(await callsOf(() => backend.putEach([]))).toEqual({});
  });

  test('writes nothing when nothing changes', async () => {
    const { partition, neighbour, sample } = scenario;
    for (const work of [
      () => backend.put(sample('one'), {}),
      () => backend.putEach(['one', 'two'].map((id) => ({ record: sample(id), condition: {} }))),
      () => backend.claim(partition, 'one', { revision: 7, owner: 'a', ttlMs: 1000 }),
      () => backend.release(partition, 'one', { owner: 'a' }),
      () => backend.delete(partition, 'three'),
      () => backend.clear(neighbour),
      () => backend.deleteExpired(1, 10),
    ]) {
      expect(await callsOf(work)).toEqual({ ...look, statSync: 1 });
    }
  });

  test('waits for the disk twice when the file is made or written anew: for its bytes and for its name', async () => {
    const other = fileBackend(join(folder, crypto.randomUUID()));
    const first = await callsOf(() => other.put(scenario.sample('one'), {}));
    expect(first).toMatchObject({ writeSync: 1, fdatasync: 1, fsync: 1, renameSync: 1 });
    await scenario.add('else', { partition: scenario.neighbour });
    const cleared = await callsOf(() => backend.clear(scenario.neighbour));
    expect(cleared).toMatchObject({ writeSync: 3, fdatasync: 2, fsync: 1, renameSync: 1 });
  });

  test('first waits for what another process has written, which may have ended before it waited itself', async () => {
    const { sample } = scenario;
    const other = fileBackend(path);
    const orderOf = async (work: Promise<unknown>): Promise<string> => {
      const order: string[] = [];
      observedFs.before = (name) => {
        if (name === 'writeSync' || name.includes('sync')) order.push(name);
      };
      await work;
      observedFs.before = () => undefined;
      return order.join(' ');
    };
    const save = 'writeSync writeSync fdatasync';
    expect(await orderOf(other.put(sample('three'), {}))).toBe(`fsync fdatasync ${save}`);
    expect(await orderOf(other.put(sample('four'), {}))).toBe(save);
    expect(await orderOf(backend.put(sample('five'), {}))).toBe(`fdatasync ${save}`);
    await other.clear(scenario.partition);
    expect(await orderOf(backend.put(sample('six'), {}))).toBe(`fsync fdatasync ${save}`);
  });

  test('is not asked for more when there are a thousand records, and reads only what was added', async () => {
    const { partition, sample } = scenario;
    const reader = fileBackend(path);
    for (let n = 0; n < 1000; n++) await scenario.add(`${n}`);
    expect((await reader.get(partition, '999'))?.revision).toBe(1);
    const { size } = statSync(path);
    await backend.put(sample('500', { revision: 2 }), { revision: 1 });
    const added = statSync(path).size - size;
    let read = 0;
    observedFs.before = (name, [, , , length]) => {
      if (name === 'readSync') read += length as number;
    };
    expect(await callsOf(async () => expect((await reader.get(partition, '500'))?.revision).toBe(2))).toEqual({
      ...look,
      readSync: 2,
      fstatSync: 1,
    });
    observedFs.before = () => undefined;
    expect(read).toBe(1536 + added);
  });

  test('holds at most twice as many changes as records, and two hundred', async () => {
    const { sample } = scenario;
    let anew = 0;
    for (let revision = 2; revision <= 1000; revision++) {
      const put = () => backend.put(sample('one', { revision }), { revision: revision - 1 });
      if ('renameSync' in (await callsOf(put))) anew++;
      const lines = readFileSync(path, 'latin1').split('\n').length - 1 - 3;
      expect(lines).toBeLessThanOrEqual(2 * 2 + 200);
    }
    expect(anew).toBe(4);
    expect((await fileBackend(path).page(scenario.partition, 10)).records).toHaveLength(2);
  });
});
