import type { LookupField } from '../core/record-backend.ts';
import { assertEqual } from './assert-equal.ts';
import { type RecordCases, randomBytes, unclaimedRecord } from './record-scenario.ts';

const fields: readonly LookupField[] = ['userName', 'accessToken', 'refreshToken', 'grantToken'];

/** What a record backend promises about finding records by values that it cannot read. */
export const recordLookupCases: RecordCases = {
  'a record is found by each of its lookups and by its identity': async ({ backend, partition, add }) => {
    const lookups = Object.fromEntries(fields.map((field) => [field, randomBytes(16)]));
    const record = await add('one', { lookups });
    await add('other', { lookups: Object.fromEntries(fields.map((field) => [field, randomBytes(16)])) });
    for (const [field, value] of Object.entries({ ...lookups, identity: record.identity })) {
      const found = await backend.find(partition, field as LookupField, [value]);
      assertEqual(found, [unclaimedRecord(record)], `found by ${field}`);
    }
  },

  'nothing is found by a value that no record has, nor by no value': async ({ backend, partition, add }) => {
    await add('one', { lookups: { userName: randomBytes(16) } });
    for (const field of [...fields, 'identity'] as const) {
      assertEqual(await backend.find(partition, field, [randomBytes(16)]), [], `by another value of ${field}`);
      assertEqual(await backend.find(partition, field, []), [], `by no value of ${field}`);
    }
  },

  'the value of one field finds nothing in another': async ({ backend, partition, add }) => {
    const value = randomBytes(16);
    await add('one', { lookups: { accessToken: value } });
    for (const field of ['userName', 'refreshToken', 'grantToken', 'identity'] as const) {
      assertEqual(await backend.find(partition, field, [value]), [], `as ${field}`);
    }
  },

  'all records that share a value are found': async ({ backend, partition, add }) => {
    const userName = randomBytes(16);
    for (const id of ['a', 'b', 'c']) await add(id, { lookups: { userName } });
    await add('d', { lookups: { userName: randomBytes(16) } });
    const found = await backend.find(partition, 'userName', [userName]);
    assertEqual(found.map(({ id }) => id).sort(), ['a', 'b', 'c'], 'the records found');
  },

  'several values find the records of any of them, each once': async ({ backend, partition, add }) => {
    const a = await add('a', { lookups: { userName: randomBytes(16) } });
    const b = await add('b', { lookups: { userName: randomBytes(16) } });
    const others = Array.from({ length: 20 }, () => randomBytes(16));
    const values = [a, b, a].flatMap(({ lookups }) => lookups.userName ?? []);
    const byName = await backend.find(partition, 'userName', [...others, ...values]);
    assertEqual(byName.map(({ id }) => id).sort(), ['a', 'b'], 'by user name');
    const byIdentity = await backend.find(partition, 'identity', [a.identity, b.identity, a.identity]);
    assertEqual(byIdentity.map(({ id }) => id).sort(), ['a', 'b'], 'by identity');
  },

  'an update drops the lookups that the record no longer has': async ({ backend, partition, add, sample }) => {
    const before = await add('one', { lookups: { userName: randomBytes(16), accessToken: randomBytes(16) } });
    const after = sample('one', { revision: 2, lookups: { userName: randomBytes(16), refreshToken: randomBytes(16) } });
    assertEqual(await backend.put(after, { revision: 1 }), 'stored', 'the update');
    for (const [field, value] of Object.entries({ ...before.lookups, identity: before.identity })) {
      assertEqual(await backend.find(partition, field as LookupField, [value]), [], `by the old ${field}`);
    }
    for (const [field, value] of Object.entries({ ...after.lookups, identity: after.identity })) {
      const found = await backend.find(partition, field as LookupField, [value]);
      assertEqual(found, [unclaimedRecord(after)], `by the new ${field}`);
    }
  },

  'a value that moves from one record to another finds the other': async ({ backend, partition, add, sample }) => {
    const value = randomBytes(16);
    await add('first', { lookups: { refreshToken: value } });
    assertEqual(await backend.put(sample('first', { revision: 2 }), { revision: 1 }), 'stored', 'giving it up');
    const second = await add('second', { lookups: { refreshToken: value } });
    assertEqual(await backend.find(partition, 'refreshToken', [value]), [unclaimedRecord(second)], 'the search');
  },

  'a value that a record gives up and takes back finds it': async ({ backend, partition, add, sample }) => {
    const value = randomBytes(16);
    await add('one', { lookups: { accessToken: value } });
    assertEqual(await backend.put(sample('one', { revision: 2 }), { revision: 1 }), 'stored', 'giving it up');
    const last = sample('one', { revision: 3, lookups: { accessToken: value } });
    assertEqual(await backend.put(last, { revision: 2 }), 'stored', 'taking it back');
    assertEqual(await backend.find(partition, 'accessToken', [value]), [unclaimedRecord(last)], 'the search');
  },

  'a deleted record is not found, nor is what takes its id': async ({ backend, partition, add }) => {
    const lookups = Object.fromEntries(fields.map((field) => [field, randomBytes(16)]));
    const { identity } = await add('one', { lookups });
    await backend.delete(partition, 'one');
    const findsNothing = async (when: string): Promise<void> => {
      for (const [field, value] of Object.entries({ ...lookups, identity })) {
        assertEqual(await backend.find(partition, field as LookupField, [value]), [], `by ${field} ${when}`);
      }
    };
    await findsNothing('after the deletion');
    await add('one');
    await findsNothing('after another record took the id');
  },

  'values that differ in their last bit, and of all zeros or ones, are told apart': async ({
    backend,
    partition,
    add,
  }) => {
    const zeros = new Uint8Array(16);
    const one = Uint8Array.from(zeros, (byte, i) => (i === 15 ? 1 : byte));
    const ones = new Uint8Array(16).fill(255);
    for (const [i, userName] of [zeros, one, ones].entries())
      await add(`id ${i}`, { lookups: { userName }, identity: userName });
    for (const [i, value] of [zeros, one, ones].entries()) {
      for (const field of ['userName', 'identity'] as const) {
        const found = await backend.find(partition, field, [value]);
        assertEqual(
          found.map(({ id }) => id),
          [`id ${i}`],
          `value ${i} as ${field}`,
        );
      }
    }
  },
};
