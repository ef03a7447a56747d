import { beforeEach, describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { Keyring } from '../../src/core/keyring.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { OneTimeStore } from '../../src/store/one-time-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { keyringOf, randomRoot, testKeyring } from '../support/test-keyring.ts';

let time: number;
let backend: RecordBackend;
let keyring: Keyring;
let values: OneTimeStore;
const now = () => time;

beforeEach(async () => {
  time = 1_795_000_000_000;
  backend = memoryBackend({ now });
  keyring = await testKeyring();
  values = new OneTimeStore({ backend, keyring, collection: 'login', now });
});

const later = () => time + 600_000;

describe('a value for one use', () => {
  test('comes back once', async () => {
    expect(await values.add('state', { verifier: 'v' }, later())).toBe(true);
    expect(await values.take('state')).toEqual({ verifier: 'v' });
    expect(await values.take('state')).toBeUndefined();
  });

  test('goes to exactly one of many callers', async () => {
    await values.add('state', 'value', later());
    const taken = await Promise.all(Array.from({ length: 20 }, () => values.take('state')));
    expect(taken.filter((value) => value !== undefined)).toEqual(['value']);
  });

  test('is added by exactly one of many callers', async () => {
    const added = await Promise.all(Array.from({ length: 20 }, (_, n) => values.add('state', n, later())));
    expect(added.filter(Boolean)).toHaveLength(1);
    expect(await values.take('state')).toBe(added.indexOf(true));
  });

  test('is gone when its time is over', async () => {
    await values.add('state', 'value', later());
    time += 600_000;
    expect(await values.take('state')).toBeUndefined();
  });

  test('is not taken by a caller who died holding it', async () => {
    await values.add('state', 'value', later());
    const [record] = (await backend.page('default/login', 10)).records;
    const request = { revision: 1, owner: 'died', ttlMs: 10 };
    expect(await backend.claim('default/login', record?.id as string, request)).toEqual({ granted: true, doubts: 0 });
    time += 20;
    expect(await values.take('state')).toBeUndefined();
  });

  test('stays its collection’s and its tenant’s own', async () => {
    await values.add('state', 'value', later());
    const otherTenant = new OneTimeStore({ backend, keyring, tenant: 'other', collection: 'login', now });
    const otherUse = new OneTimeStore({ backend, keyring, collection: 'spent', now });
    expect(await otherTenant.take('state')).toBeUndefined();
    expect(await otherUse.take('state')).toBeUndefined();
    expect(await new EncryptedTokenStore({ backend, keyring }).getTokens()).toEqual([]);
    expect(await values.take('state')).toBe('value');
  });

  test('is not handed out for another key when a lookup was copied', async () => {
    await values.add('mine', 'my value', later());
    await values.add('theirs', 'their value', later());
    const { records } = await backend.page('default/login', 10);
    const opened = await Promise.all(records.map(async (record) => ({ record, mine: record.identity })));
    const mineFirst = await values.take('mine').then(() => backend.page('default/login', 10));
    const theirs = mineFirst.records[0];
    const mine = opened.find(({ record }) => record.id !== theirs?.id);
    await backend.delete('default/login', theirs?.id as string);
    await backend.put({ ...(theirs as NonNullable<typeof theirs>), identity: mine?.mine as never }, {});
    await expectCode('E_INDEX_MISMATCH', values.take('mine'));
  });

  test('that was abandoned is cleared away by later ones', async () => {
    for (let n = 0; n < 30; n++) await values.add(`abandoned-${n}`, n, later());
    time += 600_001;
    for (let n = 0; n < 3; n++) await values.add(`new-${n}`, n, later());
    expect((await backend.page('default/login', 100)).records).toHaveLength(3);
  });

  test('that was added before an index key was promoted cannot be added again after it', async () => {
    const [old, young] = [await randomRoot(), await randomRoot()];
    const before = new OneTimeStore({ backend, keyring: keyringOf([old]), collection: 'login', now });
    const after = new OneTimeStore({ backend, keyring: keyringOf([young, old]), collection: 'login', now });
    expect(await before.add('state', 1, later())).toBe(true);
    expect(await after.add('state', 2, later())).toBe(false);
    expect(await after.take('state')).toBe(1);
  });

  test('is not swept by hand where the backend drops expired records by itself', async () => {
    let sweeps = 0;
    const counting = (minimumTtlMs?: number): RecordBackend => ({
      ...backend,
      capabilities: { ...backend.capabilities, ...(minimumTtlMs === undefined ? {} : { minimumTtlMs }) },
      deleteExpired: async () => sweeps++,
    });
    await new OneTimeStore({ backend: counting(60_000), keyring, collection: 'login', now }).add('a', 1, later());
    expect(sweeps).toBe(0);
    await new OneTimeStore({ backend: counting(), keyring, collection: 'login', now }).add('b', 1, later());
    expect(sweeps).toBe(1);
  });

  test('is not kept among the tokens', async () => {
    await expectCode('E_INPUT', () => new OneTimeStore({ backend, keyring, collection: 'tokens' }));
  });

  test('is refused on a backend that cannot promise a single use', async () => {
    const weak = { ...backend, capabilities: { ...backend.capabilities, compareAndSet: false } };
    const store = new OneTimeStore({ backend: weak, keyring, collection: 'login', now });
    await store.add('state', 'value', later());
    await expectCode('E_UNSUPPORTED', store.take('state'));
    expect(await store.add('state', 'value', later())).toBe(false);
  });
});
