import { assertEqual } from './assert-equal.ts';
import { type RecordCases, randomBytes, unclaimedRecord } from './record-scenario.ts';

const everyLookup = () => ({
  userName: randomBytes(16),
  accessToken: randomBytes(16),
  refreshToken: randomBytes(16),
  grantToken: randomBytes(16),
});

/** What a record backend promises about writing, reading back and deleting one record. */
export const recordReadingCases: RecordCases = {
  'a record is read back exactly as it was written': async ({ backend, partition, add }) => {
    const instants = { expiresAt: 4_102_444_800_000, dueAt: 4_102_444_700_000 };
    const full = await add('full', { revision: 7, lookups: everyLookup(), ...instants });
    const bare = await add('bare');
    assertEqual(await backend.get(partition, 'full'), unclaimedRecord(full), 'the record with every field');
    assertEqual(await backend.get(partition, 'bare'), unclaimedRecord(bare), 'the record with no lookups');
  },

  'a record that is not there reads as undefined': async ({ backend, partition, neighbour, add }) => {
    assertEqual(await backend.get(partition, 'absent'), undefined, 'in an empty partition');
    await add('present');
    assertEqual(await backend.get(partition, 'absent'), undefined, 'beside another record');
    assertEqual(await backend.get(neighbour, 'present'), undefined, 'in another partition');
  },

  'an update replaces every field': async ({ backend, partition, add, sample }) => {
    await add('one', { lookups: everyLookup(), expiresAt: 4_102_444_800_000, dueAt: 4_102_444_700_000 });
    const next = sample('one', {
      revision: 2,
      lookups: { userName: randomBytes(16), grantToken: randomBytes(16) },
      keyId: '01234567',
      indexKeyId: '76543210',
      sealed: randomBytes(594),
    });
    assertEqual(await backend.put(next, { revision: 1 }), 'stored', 'the update');
    assertEqual(await backend.get(partition, 'one'), unclaimedRecord(next), 'the record');
  },

  'five updates of one record leave one record': async ({ backend, partition, add }) => {
    const lookups = everyLookup();
    let record = await add('one', { lookups });
    for (let revision = 2; revision <= 6; revision++) {
      record = { ...record, revision, sealed: randomBytes(338) };
      assertEqual(await backend.put(record, { revision: revision - 1 }), 'stored', `update ${revision}`);
    }
    const expected = [unclaimedRecord(record)];
    assertEqual((await backend.page(partition, 10)).records, expected, 'the listing');
    assertEqual(await backend.find(partition, 'userName', [lookups.userName]), expected, 'the search');
  },

  'every byte value and large sealed bytes survive': async ({ backend, partition, add }) => {
    const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
    const large = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251);
    const small = await add('small', { sealed: everyByte, identity: new Uint8Array(16) });
    const big = await add('big', { sealed: large, identity: new Uint8Array(16).fill(255) });
    assertEqual(await backend.get(partition, 'small'), unclaimedRecord(small), 'the small record');
    assertEqual(await backend.get(partition, 'big'), unclaimedRecord(big), 'the large record');
  },

  'bytes that are a window on a larger buffer are stored as what the window shows': async ({
    backend,
    partition,
    add,
  }) => {
    const buffer = randomBytes(1000);
    const record = await add('one', {
      sealed: buffer.subarray(100, 400),
      identity: buffer.subarray(500, 516),
      lookups: { userName: buffer.subarray(600, 616) },
    });
    assertEqual(await backend.get(partition, 'one'), unclaimedRecord(record), 'the record');
    const found = await backend.find(partition, 'userName', [buffer.subarray(600, 616)]);
    assertEqual(found, [unclaimedRecord(record)], 'the search');
  },

  'the bytes handed in and handed out are copies': async ({ backend, partition, add }) => {
    const lookups = everyLookup();
    const given = await add('one', { lookups });
    const expected = unclaimedRecord(structuredClone(given));
    for (const bytes of [given.sealed, given.identity, ...Object.values(lookups)]) bytes.fill(0);
    const read = await backend.get(partition, 'one');
    assertEqual(read, expected, 'after the bytes handed in were overwritten');
    for (const bytes of [read?.sealed, read?.identity, ...Object.values(read?.lookups ?? {})]) bytes?.fill(0);
    assertEqual(await backend.get(partition, 'one'), expected, 'after the bytes handed out were overwritten');
  },

  'a deleted record is gone, and so is nothing else': async ({ backend, partition, add }) => {
    await add('one');
    const other = await add('other');
    await backend.delete(partition, 'one');
    assertEqual(await backend.get(partition, 'one'), undefined, 'the deleted record');
    assertEqual((await backend.page(partition, 10)).records, [unclaimedRecord(other)], 'the listing');
  },

  'a deletion returns what it deleted': async ({ backend, partition, neighbour, add, sample }) => {
    const first = await add('one', { lookups: everyLookup() });
    assertEqual(await backend.delete(neighbour, 'one'), undefined, 'a record of another partition');
    assertEqual(await backend.delete(partition, 'one'), unclaimedRecord(first), 'a record');
    const again = await add('one');
    const next = sample('one', { revision: 2, identity: again.identity });
    await backend.put(next, { revision: 1 });
    assertEqual(await backend.delete(partition, 'one'), unclaimedRecord(next), 'a record that was updated');
  },

  'deleting a record that is not there succeeds': async ({ backend, partition, add }) => {
    assertEqual(await backend.delete(partition, 'absent'), undefined, 'a record that never was');
    await add('one');
    await backend.delete(partition, 'one');
    assertEqual(await backend.delete(partition, 'one'), undefined, 'a record that is gone');
    assertEqual((await backend.page(partition, 10)).records, [], 'the listing');
  },

  'a deleted id can be used again': async ({ backend, partition, add }) => {
    await add('one', { lookups: everyLookup() });
    await backend.delete(partition, 'one');
    const again = await add('one');
    assertEqual(await backend.get(partition, 'one'), unclaimedRecord(again), 'the record');
  },
};
