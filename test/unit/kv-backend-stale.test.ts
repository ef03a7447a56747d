import { beforeEach, describe, expect, test } from 'vitest';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import type { RecordBackend, StoredRecord } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { staleKv } from '../../src/testing/index.ts';
import { expectCode } from '../support/expect-code.ts';
import { testKeyring } from '../support/test-keyring.ts';

const partition = 'default/tokens';
let time: number;
let here: RecordBackend;
let there: RecordBackend;
const now = () => time;

beforeEach(() => {
  time = 1_800_000_000_000;
  // even where each location sees its own writes at once
  const kv = staleKv({ now, readsOwnWrites: true });
  [here, there] = [kvBackend(kv.at('fra'), { now }), kvBackend(kv.at('sfo'), { now })];
});

const bytes = () => crypto.getRandomValues(new Uint8Array(16));

function sample(id: string, changes: Partial<StoredRecord> = {}): StoredRecord {
  const record = { partition, id, revision: 1, identity: bytes(), lookups: {}, keyId: 'a', indexKeyId: 'a' };
  return { ...record, expiresAt: 0, dueAt: 0, sealed: bytes(), ...changes };
}

/** Why a provider that rotates refresh tokens strictly is refused on KV: nothing below is an error anybody sees. */
describe('two locations of one KV namespace', () => {
  test('both succeed in updating one revision, and one of the updates is lost', async () => {
    const record = sample('one');
    await here.put(record, {});
    expect((await there.get(partition, 'one'))?.revision).toBe(1);
    time += 1000;
    const [first, second] = [bytes(), bytes()];
    expect(await here.put({ ...record, revision: 2, sealed: first }, { revision: 1 })).toBe('stored');
    time += 1000;
    expect(await there.put({ ...record, revision: 2, sealed: second }, { revision: 1 })).toBe('stored');
    time += 60_000;
    for (const backend of [here, there]) expect((await backend.get(partition, 'one'))?.sealed).toEqual(second);
  });

  test('see an old record for a minute, and a deleted one as well', async () => {
    const record = sample('one');
    await here.put(record, {});
    await there.get(partition, 'one');
    time += 1000;
    await here.put({ ...record, revision: 2 }, { revision: 1 });
    time += 1000;
    await here.delete(partition, 'one');
    expect(await here.get(partition, 'one')).toBeUndefined();
    expect((await there.get(partition, 'one'))?.revision).toBe(1);
    time += 58_000;
    expect(await there.get(partition, 'one')).toBeUndefined();
  });

  test('store two records of one identity', async () => {
    const identity = bytes();
    for (const [backend, id] of [
      [here, 'first'],
      [there, 'second'],
    ] as const) {
      expect(await backend.put(sample(id, { identity }), {})).toBe('stored');
    }
    time += 120_000;
    expect((await here.find(partition, 'identity', [identity])).map(({ id }) => id)).toEqual(['first', 'second']);
  });

  test('list what is due as it was', async () => {
    const record = sample('one', { dueAt: 1000 });
    await here.put(record, {});
    expect(await here.due(partition, 5000, 10)).toEqual([]);
    time += 60_000;
    expect((await there.due(partition, 5000, 10)).map(({ id }) => id)).toEqual(['one']);
    await here.put({ ...record, revision: 2, dueAt: 0 }, { revision: 1 });
    expect((await there.due(partition, 5000, 10)).map(({ id }) => id)).toEqual(['one']);
    // the listing is still the old one, but whoever reads the record itself sees that it is not due
    expect(await here.due(partition, 5000, 10)).toEqual([]);
  });

  test('send one refresh token twice, although one of them has replaced it', async () => {
    const keyring = await testKeyring();
    const [one, other] = [here, there].map((backend) => new EncryptedTokenStore({ backend, keyring }));
    const { id } = await one!.saveToken({ accessToken: 'access 1', refreshToken: 'refresh 1', userName: 'ann' });
    expect((await other!.findTokenById(id))?.refreshToken).toBe('refresh 1');
    time += 1000;
    await one!.saveToken({ id, accessToken: 'access 2', refreshToken: 'refresh 2' });
    // What this location sends to the authorization server now, it takes for a stolen token.
    expect((await other!.findTokenById(id))?.refreshToken).toBe('refresh 1');
    await expectCode('E_UNSUPPORTED', here.claim(partition, id, { revision: 1, owner: 'a', ttlMs: 1000 }));
  });
});
