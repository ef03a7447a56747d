import { beforeEach, describe, expect, test } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { answer, openBare } from './indexeddb-connections.ts';
import { kept, sampleRecord, value } from './sample-record.ts';

const partition = 'default/tokens';
const now = 1_800_000_000_000;
const free = { owner: '', until: 0, retryAt: 0, revision: 0, previous: 0 };
let name: string;
let backend: RecordBackend;

beforeEach(async () => {
  name = crypto.randomUUID();
  backend = indexedDbBackend({ name, now: () => now });
  expect(await backend.get(partition, 'one')).toBeUndefined();
});

/** Writes a row of revision 5 as it was written before claims counted attempts. */
async function insert(claim: object): Promise<ReturnType<typeof sampleRecord>> {
  const record = sampleRecord('one', { revision: 5 });
  const { dueAt: _, expiresAt: _never, lookups, ...rest } = record;
  const entries = Object.entries(lookups).map(([field, bytes]) => [partition, field, bytes]);
  const database = await openBare(name);
  const records = database.transaction('records', 'readwrite').objectStore('records');
  await answer(records.put({ ...rest, lookups: entries, claim }));
  database.close();
  return record;
}

const claim = (owner: string) => backend.claim(partition, 'one', { revision: 5, owner, ttlMs: 60_000 });

describe('a row of IndexedDB that was written before claims counted attempts', () => {
  test('reads as the same record, and is not due', async () => {
    const record = await insert(free);
    expect(await backend.get(partition, 'one')).toEqual(kept(record));
    expect(await backend.due(partition, now, 10)).toEqual([]);
  });

  test.each([
    ['nobody ever claimed it', free, 0],
    ['a release left in doubt', { ...free, revision: 5 }, 1],
    ['its holder died', { ...free, owner: 'died', until: now, revision: 5 }, 1],
    ['two holders died', { ...free, owner: 'died', until: now, revision: 5, previous: 5 }, 2],
    ['somebody attempted for a revision that was written over', { ...free, owner: 'died', until: now, revision: 4 }, 0],
  ])('is in doubt as before where %s', async (_name, old, doubts) => {
    await insert(old);
    expect(await claim('next')).toEqual({ granted: true, doubts });
    await backend.release(partition, 'one', { owner: 'next', inDoubt: true });
    expect(await claim('another')).toEqual({ granted: true, doubts: doubts + 1 });
  });

  test('keeps its claim, which its holder may still give back', async () => {
    await insert({ ...free, owner: 'holder', until: now + 5000, revision: 5 });
    expect((await backend.get(partition, 'one'))?.claim).toEqual({ owner: 'holder', heldMs: 5000, coolingMs: 0 });
    expect(await claim('next')).toEqual({ granted: false });
    await backend.release(partition, 'one', { owner: 'holder' });
    expect(await claim('next')).toEqual({ granted: true, doubts: 0 });
  });

  test('keeps its cool-down through a write, which makes it a row of today', async () => {
    const record = await insert({ ...free, retryAt: now + 5000 });
    const next = { ...record, revision: 6, sealed: value(), dueAt: 1000 };
    expect(await backend.put(next, { revision: 5 })).toBe('stored');
    expect(await backend.get(partition, 'one')).toEqual({
      ...kept(next),
      claim: { owner: '', heldMs: 0, coolingMs: 5000 },
    });
    const later = indexedDbBackend({ name, now: () => now + 5000 });
    expect(await later.due(partition, now, 10)).toEqual([kept(next)]);
  });
});
