import type { RecordBackend } from '../core/record-backend.ts';
import { assertEqual } from './assert-equal.ts';
import { type RecordCases, randomBytes, unclaimedRecord } from './record-scenario.ts';

/** The ids of all records of a partition, page by page. */
async function listIds(backend: RecordBackend, partition: string, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await backend.page(partition, limit, cursor);
    if (page.records.length > limit) throw new Error(`a page of ${limit} holds ${page.records.length} records`);
    ids.push(...page.records.map(({ id }) => id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return ids;
}

/** What a record backend promises about listing, clearing and expiry. */
export const recordListingCases: RecordCases = {
  'an empty partition is one empty page': async ({ backend, partition, neighbour, add }) => {
    await add('elsewhere', { partition: neighbour });
    assertEqual(await backend.page(partition, 10), { records: [] }, 'the page');
  },

  'the pages hold every record of the partition, whole and once': async ({ backend, partition, neighbour, add }) => {
    const lookups = { userName: randomBytes(16) };
    const record = await add('id 0', { lookups, expiresAt: 4_102_444_800_000 });
    for (let i = 1; i < 10; i++) await add(`id ${i}`);
    await add('elsewhere', { partition: neighbour });
    const expected = Array.from({ length: 10 }, (_, i) => `id ${i}`);
    for (const limit of [1, 3, 5, 10, 11]) {
      assertEqual((await listIds(backend, partition, limit)).sort(), expected, `the ids in pages of ${limit}`);
    }
    const { records } = await backend.page(partition, 10);
    assertEqual(
      records.find(({ id }) => id === 'id 0'),
      unclaimedRecord(record),
      'a record of the listing',
    );
  },

  'the order is stable, and a cursor can be used again': async ({ backend, partition, add }) => {
    for (let i = 0; i < 6; i++) await add(`id ${i}`);
    assertEqual(await listIds(backend, partition, 2), await listIds(backend, partition, 2), 'the ids');
    const { cursor } = await backend.page(partition, 2);
    if (cursor === undefined) throw new Error('the first of three pages has no cursor');
    assertEqual(await backend.page(partition, 2, cursor), await backend.page(partition, 2, cursor), 'the second page');
  },

  'records that come and go between two pages do not hide others': async ({ backend, partition, add }) => {
    for (let i = 0; i < 9; i++) await add(`id ${i}`);
    const first = await backend.page(partition, 3);
    const seen = first.records.map(({ id }) => id);
    const ahead = Array.from({ length: 9 }, (_, i) => `id ${i}`).filter((id) => !seen.includes(id));
    for (const id of [...seen, ahead[0] ?? '']) await backend.delete(partition, id);
    await add('id 00');
    let cursor = first.cursor;
    while (cursor !== undefined) {
      const page = await backend.page(partition, 3, cursor);
      seen.push(...page.records.map(({ id }) => id));
      cursor = page.cursor;
    }
    const missed = ahead.slice(1).filter((id) => !seen.includes(id));
    assertEqual(missed, [], 'records that were there all the time and were not listed');
    assertEqual(new Set(seen).size, seen.length, 'how many different records were listed');
  },

  'more than a thousand records are listed, counted, found and cleared': async ({
    backend,
    partition,
    keyId,
    sample,
  }) => {
    const total = 1050;
    const userName = randomBytes(16);
    for (let i = 0; i < total; i += 50) {
      const records = Array.from({ length: 50 }, (_, k) => sample(`id ${i + k}`, { lookups: { userName } }));
      const outcomes = await Promise.all(records.map((record) => backend.put(record, {})));
      assertEqual(
        outcomes.every((outcome) => outcome === 'stored'),
        true,
        'whether all were stored',
      );
    }
    assertEqual(new Set(await listIds(backend, partition, 400)).size, total, 'records listed');
    assertEqual((await listIds(backend, partition, 5000)).length, total, 'records listed with a large limit');
    const use = { keyId, indexKeyId: '89abcdef', records: total };
    assertEqual(await backend.keyUse(partition), [use], 'records counted');
    assertEqual((await backend.find(partition, 'userName', [userName])).length, total, 'records found');
    await backend.clear(partition);
    assertEqual(await listIds(backend, partition, 1000), [], 'what is left');
    assertEqual(await backend.find(partition, 'userName', [userName]), [], 'what is found');
  },

  'clearing a partition clears nothing else': async ({ backend, partition, neighbour, add }) => {
    const lookups = { userName: randomBytes(16) };
    const cleared = await add('one', { lookups });
    const kept = await add('one', { lookups, partition: neighbour });
    await backend.clear(partition);
    assertEqual(await backend.get(partition, 'one'), undefined, 'the cleared record');
    assertEqual(await backend.find(partition, 'userName', [lookups.userName]), [], 'what its lookup finds');
    assertEqual(await backend.get(neighbour, 'one'), unclaimedRecord(kept), 'the record of the other partition');
    const found = await backend.find(neighbour, 'userName', [lookups.userName]);
    assertEqual(found, [unclaimedRecord(kept)], 'what its lookup finds');
    await add('again', { identity: cleared.identity });
  },

  'clearing an empty partition succeeds': async ({ backend, partition }) => {
    await backend.clear(partition);
    assertEqual(await backend.page(partition, 10), { records: [] }, 'the listing');
  },

  'expired records are deleted with their lookups, and no others': async ({ backend, partition, neighbour, add }) => {
    const lookups = { userName: randomBytes(16) };
    await add('expired', { expiresAt: 1000, lookups });
    await add('at the instant', { expiresAt: 2000 });
    await add('elsewhere', { expiresAt: 1500, partition: neighbour });
    await add('later', { expiresAt: 4_102_444_800_000, lookups });
    await add('never', { lookups });
    const deleted = await backend.deleteExpired(2000, 1000);
    // A backend that drops expired records itself may have been faster.
    if (backend.capabilities.minimumTtlMs === undefined)
      assertEqual(deleted >= 3, true, 'whether all three were counted');
    assertEqual((await listIds(backend, partition, 10)).sort(), ['later', 'never'], 'what is left in the partition');
    assertEqual(await listIds(backend, neighbour, 10), [], 'what is left in the other');
    const found = await backend.find(partition, 'userName', [lookups.userName]);
    assertEqual(found.map(({ id }) => id).sort(), ['later', 'never'], 'what the lookup finds');
  },

  'no more expired records are deleted at once than asked for': async ({ backend, partition, add }) => {
    await backend.deleteExpired(5000, 1000);
    for (let i = 0; i < 5; i++) await add(`id ${i}`, { expiresAt: 5000 });
    assertEqual(await backend.deleteExpired(4999, 10), 0, 'deleted too early');
    if (backend.capabilities.minimumTtlMs === undefined) {
      assertEqual(await backend.deleteExpired(5000, 2), 2, 'deleted at first');
      assertEqual((await listIds(backend, partition, 10)).length, 3, 'what is left then');
      assertEqual(await backend.deleteExpired(5000, 10), 3, 'deleted in the end');
    } else {
      assertEqual((await backend.deleteExpired(5000, 2)) <= 2, true, 'whether the limit is kept');
      await backend.deleteExpired(5000, 10);
    }
    assertEqual(await listIds(backend, partition, 10), [], 'what is left');
    assertEqual(await backend.deleteExpired(5000, 10), 0, 'deleted when there is nothing');
  },
};
