import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import type { RecordWrite, StoredRecord } from '../../src/core/record-backend.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { recordScenario } from '../../src/testing/record-scenario.ts';
import { startFileChild } from '../support/file/start-file-child.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

const folder = temporaryFolder();
const setting = await generateKeyring();
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

describe.each([
  ['one file', 'records', fileBackend],
  ['one SQLite database', 'records.db', sqliteBackend],
])('processes that write many records at once to %s', (_, name, open) => {
  const start = async () => {
    const path = join(folder, `${crypto.randomUUID()}-${name}`);
    const scenario = recordScenario(open(path));
    const records = await Promise.all(numbers(12).map((n) => scenario.add(`id ${n}`)));
    return { path, scenario, records };
  };
  const revised = (record: StoredRecord, revision: number, dueAt: number): RecordWrite => ({
    record: { ...record, revision, dueAt },
    condition: { revision: revision - 1 },
  });

  test('update each revision once and give each identity once, in whatever order they go about it', async () => {
    const { path, scenario, records } = await start();
    const children = await Promise.all(numbers(2).map(() => startFileChild(path, setting)));
    for (const round of numbers(5)) {
      const calls = await Promise.all(
        numbers(6).map(async (caller) => {
          const writes = records.map((record) => revised(record, round + 2, caller + 1));
          const order = caller < 3 ? writes : writes.reverse();
          const outcomes = await children[caller % 2]?.backend.putEach(order);
          return caller < 3 ? outcomes : [...(outcomes ?? [])].reverse();
        }),
      );
      for (const [i, { id }] of records.entries()) {
        const winners = numbers(6).filter((caller) => calls[caller]?.[i] === 'stored');
        expect(winners, `${id} in round ${round}`).toHaveLength(1);
        const kept = await scenario.backend.get(scenario.partition, id);
        expect([kept?.revision, kept?.dueAt]).toEqual([round + 2, (winners[0] as number) + 1]);
      }
    }

    const identities = numbers(15).map(() => crypto.getRandomValues(new Uint8Array(16)));
    const calls = await Promise.all(
      numbers(6).map((caller) => {
        const writes = identities.map((identity, i) => ({
          record: scenario.sample(`${caller} ${i}`, { identity }),
          condition: {},
        }));
        return children[caller % 2]?.backend.putEach(caller < 3 ? writes : writes.reverse());
      }),
    );
    expect(calls.flat().filter((outcome) => outcome === 'stored')).toHaveLength(15);
    expect(await scenario.backend.find(scenario.partition, 'identity', identities)).toHaveLength(15);
  });

  test('are killed in the middle of a call without leaving half of it', async () => {
    const { path, scenario, records } = await start();
    for (const attempt of numbers(2)) {
      const child = await startFileChild(path, setting);
      const [first] = (await scenario.backend.page(scenario.partition, 1)).records;
      const { revision: from = 0 } = first ?? {};
      const calls = numbers(60).map((n) => {
        const writes = records.map((record) => revised(record, from + n + 1, n));
        return child.backend.putEach(writes).then(
          () => true,
          () => false,
        );
      });
      // after one call more each time: it works on the next ones by then
      await calls[7 * attempt];
      await child.kill();
      const acknowledged = (await Promise.all(calls)).filter(Boolean).length;
      expect(acknowledged).toBeGreaterThan(0);
      const kept = (await scenario.backend.page(scenario.partition, 100)).records;
      const [revision = 0, ...others] = new Set(kept.map((record) => record.revision));
      expect(others).toEqual([]);
      expect(revision).toBeGreaterThanOrEqual(from + acknowledged);
    }
  });
});
