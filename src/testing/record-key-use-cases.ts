import type { KeyUse } from '../core/record-backend.ts';
import { assertEqual } from './assert-equal.ts';
import type { RecordCases, RecordScenario } from './record-scenario.ts';

const other = '01234567';

/** The pairs of keys that were found, of which one is the key id of the scenario, in an order that can be compared. */
async function usesOf({ backend, keyId }: RecordScenario, partition?: string): Promise<readonly KeyUse[]> {
  const text = (use: KeyUse): string => `${use.keyId} ${use.indexKeyId}`;
  const uses = await backend.keyUse(partition);
  return uses
    .filter((use) => use.keyId === keyId || use.indexKeyId === keyId)
    .sort((left, right) => (text(left) < text(right) ? -1 : 1));
}

/** What a record backend promises about counting records by their keys. */
export const recordKeyUseCases: RecordCases = {
  'records are counted by the pair of their keys, in a partition and in all': async (scenario) => {
    const { partition, neighbour, keyId, add } = scenario;
    assertEqual(await usesOf(scenario), [], 'before there is one');
    await add('sealed and indexed', { indexKeyId: keyId });
    await add('sealed', { indexKeyId: other });
    await add('indexed', { keyId: other, indexKeyId: keyId });
    await add('indexed, too', { keyId: other, indexKeyId: keyId });
    await add('neither', { keyId: other, indexKeyId: other });
    await add('elsewhere', { partition: neighbour, indexKeyId: keyId });
    const both = { keyId, indexKeyId: keyId, records: 1 };
    const halves = [
      { keyId, indexKeyId: other, records: 1 },
      { keyId: other, indexKeyId: keyId, records: 2 },
    ];
    const inOrder = (uses: readonly KeyUse[]): readonly KeyUse[] =>
      [...uses].sort((left, right) => (left.keyId + left.indexKeyId < right.keyId + right.indexKeyId ? -1 : 1));
    assertEqual(await usesOf(scenario, partition), inOrder([both, ...halves]), 'in the partition');
    assertEqual(await usesOf(scenario, neighbour), [both], 'in the other partition');
    assertEqual(await usesOf(scenario), inOrder([{ ...both, records: 2 }, ...halves]), 'in all');
    const neither = (await scenario.backend.keyUse(partition)).filter((use) => use.indexKeyId === other);
    assertEqual(neither.find((use) => use.keyId === other)?.records, 1, 'of neither key');
  },

  'an empty partition uses no keys': async ({ backend, partition, neighbour, add }) => {
    await add('elsewhere', { partition: neighbour });
    assertEqual(await backend.keyUse(partition), [], 'the uses');
  },

  'a key is used no more when its records have another one or are gone': async (scenario) => {
    const { backend, partition, keyId, add, sample } = scenario;
    const { identity } = await add('written again');
    await add('deleted');
    assertEqual((await usesOf(scenario, partition))[0]?.records, 2, 'at first');
    const next = sample('written again', { identity, revision: 2, keyId: other, indexKeyId: other });
    assertEqual(await backend.putEach([{ record: next, condition: { revision: 1 } }]), ['stored'], 'the write');
    await backend.delete(partition, 'deleted');
    assertEqual(await usesOf(scenario), [], `uses of ${keyId} in the end`);
    const left = { keyId: other, indexKeyId: other, records: 1 };
    assertEqual(await backend.keyUse(partition), [left], 'what is used instead');
  },
};
