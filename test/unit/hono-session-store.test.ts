import { describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { KeptRecord, RecordBackend } from '../../src/core/record-backend.ts';
import { SessionStore } from '../../src/hono/session-store.ts';
import { keyringOf, randomRoot, testKeyring } from '../support/test-keyring.ts';

const minute = 60_000;
const client = { issuer: 'https://login.example', clientId: 'client' };

async function setUp() {
  let now = 1_800_000_000_000;
  const backend = memoryBackend();
  const keyring = await testKeyring();
  const options = { backend, keyring, tenant: 'acme', idleMs: 10 * minute, sessionMs: 30 * minute, now: () => now };
  const sessions = new SessionStore(options);
  const start = (tokenId = 'token') => sessions.start({ tokenId, ...client });
  const record = async (id: string) => (await backend.get('acme/sessions', id)) as KeptRecord;
  const alter = async (id: string, change: Partial<KeptRecord>) => {
    const before = await record(id);
    await backend.delete('acme/sessions', id);
    await backend.put({ ...before, ...change }, {});
  };
  const wait = (ms: number) => {
    now += ms;
  };
  return { options, backend, sessions, start, record, alter, wait, now: () => now };
}

describe('a session', () => {
  test('is what was started, and can be found by its token', async () => {
    const { sessions, start, now } = await setUp();
    const { id, ...times } = await start();
    await start('another');
    const kept = { id, ...client, revision: 1, ...times };
    expect(times).toEqual({ tokenId: 'token', startedAt: now(), lastSeenAt: now(), expiresAt: now() + 10 * minute });
    expect(await sessions.read(id)).toEqual(kept);
    expect(await sessions.ofToken('token')).toEqual([kept]);
    expect(await sessions.ofToken('nobody')).toEqual([]);
    expect(await sessions.read('nobody')).toBeUndefined();
  });

  test('ends with its idle time, which a touch begins anew, and with its absolute one, which nothing does', async () => {
    const { sessions, start, record, wait, now } = await setUp();
    const { id, startedAt } = await start();
    for (let i = 1; i < 6; i++) {
      wait(5 * minute);
      const session = await sessions.read(id);
      expect(session).toMatchObject({ revision: i });
      await sessions.touch(session as NonNullable<typeof session>);
      expect((await record(id)).expiresAt).toBe(Math.min(now() + 10 * minute, startedAt + 30 * minute));
    }
    wait(5 * minute);
    expect([await sessions.read(id), await sessions.ofToken('token')]).toEqual([undefined, []]);
    const idle = await start();
    wait(10 * minute - 1);
    expect(await sessions.read(idle.id)).toBeDefined();
    wait(1);
    expect(await sessions.read(idle.id)).toBeUndefined();
  });

  test('is touched when a tenth of the idle time is over, and by one of several at once', async () => {
    const { sessions, start, wait } = await setUp();
    const { id } = await start();
    const touch = async () => {
      const session = (await sessions.read(id)) as NonNullable<Awaited<ReturnType<typeof sessions.read>>>;
      await Promise.all([1, 2, 3].map(() => sessions.touch(session)));
      return (await sessions.read(id))?.revision;
    };
    wait(minute - 1);
    expect(await touch()).toBe(1);
    wait(1);
    expect(await touch()).toBe(2);
    expect(await touch()).toBe(2);
  });

  test('that has been ended is not brought back by a touch', async () => {
    const { sessions, start, wait } = await setUp();
    const { id } = await start();
    wait(5 * minute);
    const session = await sessions.read(id);
    await sessions.end(id);
    await sessions.touch(session as NonNullable<typeof session>);
    expect(await sessions.read(id)).toBeUndefined();
  });

  test.each<[string, (record: KeptRecord) => Partial<KeptRecord>]>([
    ['a later end', ({ expiresAt }) => ({ expiresAt: expiresAt + 1 })],
    ['another revision', ({ revision }) => ({ revision: revision + 1 })],
    ['other bytes', ({ sealed }) => ({ sealed: sealed.slice(0, -1) })],
    ['another id', () => ({ id: 'another' })],
  ])('with %s in the database is none', async (_, change) => {
    const { backend, sessions, start, record, alter } = await setUp();
    const { id } = await start();
    const changed = change(await record(id));
    await alter(id, changed);
    expect(await sessions.read(changed.id ?? id)).toBeUndefined();
    expect(await sessions.ofToken('token')).toEqual([]);
    expect(await sessions.endOfToken('token')).toBe(0);
    expect((await backend.page('acme/sessions', 10)).records).toEqual([]);
  });
});

describe('the sessions of a token', () => {
  test('end together, and no others', async () => {
    const { sessions, start, wait } = await setUp();
    await start();
    wait(10 * minute);
    const [first, second, other] = [await start(), await start(), await start('another')];
    expect(await sessions.endOfToken('token')).toBe(2);
    expect([await sessions.read(first.id), await sessions.read(second.id)]).toEqual([undefined, undefined]);
    expect(await sessions.read(other.id)).toBeDefined();
    expect(await sessions.endOfToken('token')).toBe(0);
  });

  test('are those that say so inside the seal, wherever an altered index leads', async () => {
    const { sessions, start, record, alter } = await setUp();
    const [own, other] = [await start(), await start('another')];
    await alter(other.id, { lookups: (await record(own.id)).lookups });
    expect((await sessions.ofToken('token')).map(({ id }) => id)).toEqual([own.id]);
    expect(await sessions.endOfToken('token')).toBe(1);
    expect(await sessions.read(other.id)).toBeDefined();
  });

  test('end some hundred at a time', async () => {
    const { sessions, start } = await setUp();
    for (let i = 0; i < 103; i++) await start();
    expect([await sessions.endOfToken('token'), await sessions.endOfToken('token')]).toEqual([100, 3]);
  });

  test('are found when the sealing key and the index key have changed', async () => {
    const [before, after] = [await randomRoot(), await randomRoot()];
    const { options } = await setUp();
    const { id } = await new SessionStore({ ...options, keyring: keyringOf([before]) }).start({
      tokenId: 'token',
      ...client,
    });
    const later = new SessionStore({ ...options, keyring: keyringOf([after, before]) });
    expect(await later.read(id)).toBeDefined();
    expect(await later.ofToken('token')).toHaveLength(1);
  });
});

test('sessions of one tenant are none of another', async () => {
  const { options, start } = await setUp();
  const { id } = await start();
  const other = new SessionStore({ ...options, tenant: 'evil' });
  expect([await other.read(id), await other.ofToken('token')]).toEqual([undefined, []]);
});

test('a database that fails is reported', async () => {
  const { options } = await setUp();
  const backend: RecordBackend = { ...options.backend, get: async () => Promise.reject(new Error('gone')) };
  await expect(new SessionStore({ ...options, backend }).read('id')).rejects.toThrow('gone');
});
