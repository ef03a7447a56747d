import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { listBackend } from '../../src/backends/list-backend.ts';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { type SqliteLike, sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import type { Keyring } from '../../src/core/keyring.ts';
import type { TokenChange } from '../../src/core/oauth-token.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';
import { findTraces } from '../support/find-traces.ts';
import { testKeyring } from '../support/test-keyring.ts';

const folder = temporaryFolder();
const client = { clientId: '1000.APP', clientSecret: 'the secret of the client' };
let files = 0;
let path: string;
let keyring: Keyring;
let store: EncryptedTokenStore;

/** A store as an application has it that was just started. */
function start(): EncryptedTokenStore {
  const backend = sqliteBackend(path);
  onTestFinished(() => backend.close());
  return new EncryptedTokenStore({ backend, keyring });
}

beforeEach(async () => {
  path = join(folder, `${++files}.db`);
  keyring = await testKeyring();
  store = start();
});

const login = (userName: string): TokenChange => ({
  userName,
  ...client,
  accessToken: `access of ${userName}`,
  refreshToken: `refresh of ${userName}`,
});

describe('The bugs of the SQLite store of Zoho’s article are none of ours', () => {
  test('SQ1: deleting all tokens deletes them, also for whoever looks next', async () => {
    for (const name of ['ann', 'bob', 'carol']) await store.saveToken(login(name));
    await store.deleteTokens();
    expect(await store.getTokens()).toEqual([]);
    expect(await start().getTokens()).toEqual([]);
    expect(await start().findToken({ userName: 'ann' })).toBeUndefined();
  });

  test('SQ2: a second start before the first login finds empty tables, and works', async () => {
    expect(await store.getTokens()).toEqual([]);
    const second = start();
    expect(await second.findToken({ userName: 'ann' })).toBeUndefined();
    const saved = await second.saveToken(login('ann'));
    expect(await start().findToken({ userName: 'ann' })).toEqual(saved);
  });

  test('SQ3: the eleventh token is saved like the first ten, and the hundredth', async () => {
    const ids = new Set<string>();
    for (let n = 1; n <= 100; n++) ids.add((await store.saveToken(login(`user ${n}`))).id);
    expect(ids.size).toBe(100);
    expect(await store.getTokens()).toHaveLength(100);
    for (const n of [9, 10, 11, 12, 100]) {
      expect(await store.findToken({ userName: `user ${n}` })).toMatchObject({ accessToken: `access of user ${n}` });
    }
  });

  test.each([
    "' or 1=1 -- ",
    "x', refresh_token='RT-M' where 1=1 -- ",
    "x'; DROP TABLE tokenkeep_record; --",
    "O'Brien",
    'a?1b:id@c$d',
  ])('SQ4: the user %s is a user like any other', async (userName) => {
    const victim = await store.saveToken(login('victim'));
    expect(await store.findToken({ userName })).toBeUndefined();
    const saved = await store.saveToken(login(userName));
    expect(await store.findToken({ userName })).toEqual(saved);
    expect(await store.findTokenById(victim.id)).toEqual(victim);
    await store.saveToken({ ...login(userName), refreshToken: 'another refresh token' });
    expect(await store.findTokenById(victim.id)).toEqual(victim);
    expect(await store.getTokens()).toHaveLength(2);
  });

  test('SQ4: an id that reads like SQL finds and deletes nothing but a token of that id', async () => {
    const victim = await store.saveToken(login('victim'));
    for (const id of ['1 or 1=1', "x' or '1'='1", '%', '*', `${victim.id}' --`]) {
      expect(await store.findTokenById(id)).toBeUndefined();
      await store.deleteToken(id);
      await store.saveToken({ id, ...login(`owner of ${id}`) });
      expect(await store.findTokenById(id)).toMatchObject({ userName: `owner of ${id}` });
      await store.deleteToken(id);
    }
    expect(await store.getTokens()).toEqual([victim]);
  });

  test('SQ5: a token is deleted by its id, whatever that looks like', async () => {
    const ids = [crypto.randomUUID(), '1', '42', 'null', 'id', 'zoho_1', 'ä b', '١'];
    for (const id of ids) await store.saveToken({ id, ...login(`owner of ${id}`) });
    const random = await store.saveToken(login('ann'));
    for (const id of [...ids, random.id]) {
      await store.deleteToken(id);
      expect(await store.findTokenById(id)).toBeUndefined();
    }
    expect(await store.getTokens()).toEqual([]);
  });

  test('SQ6: an unknown id is a miss and no error, to be found and to be deleted', async () => {
    expect(await store.findTokenById('999')).toBeUndefined();
    await store.deleteToken('999');
    await store.saveToken(login('ann'));
    expect(await store.findTokenById('999')).toBeUndefined();
    await store.deleteToken('999');
    expect(await store.getTokens()).toHaveLength(1);
  });

  test('SQ7: a search that names nobody finds nobody’s token, and saves over none', async () => {
    const ann = await store.saveToken(login('ann'));
    for (const query of [{}, { userName: '' }, { ...client }, { id: '' }]) {
      await expectCode('E_QUERY', store.findToken(query));
    }
    expect(await store.findToken({ ...client, accessToken: 'of nobody' })).toBeUndefined();
    expect(await store.findToken({ id: 'of nobody' })).toBeUndefined();
    await expectCode('E_INPUT', store.saveToken({ ...client, userName: '', accessToken: 'other' }));
    await expectCode('E_QUERY', store.saveToken({ ...client }));
    const other = await store.saveToken({ ...client, accessToken: 'of nobody' });
    expect(other.id).not.toBe(ann.id);
    expect(await store.findTokenById(ann.id)).toEqual(ann);
    expect(await store.saveToken({ ...client, accessToken: 'of nobody', scope: 'read' })).toMatchObject({
      id: other.id,
    });
  });

  test('SQ9: a changed refresh token of a token without a user updates it, by its id or by its access token', async () => {
    const { id } = await store.saveToken({ ...client, accessToken: 'access', refreshToken: 'refresh-1' });
    await store.saveToken({ id, ...client, refreshToken: 'refresh-2', accessToken: 'access' });
    await store.saveToken({ ...client, accessToken: 'access', refreshToken: 'refresh-3' });
    expect(await store.getTokens()).toMatchObject([{ id, revision: 3, refreshToken: 'refresh-3' }]);
    expect(await store.findToken({ ...client, refreshToken: 'refresh-3' })).toMatchObject({ id });
    expect(await store.findToken({ ...client, refreshToken: 'refresh-1' })).toBeUndefined();
  });

  test('SQ10: no statement needs a special build of SQLite, such as one that can limit an UPDATE', async () => {
    const database = new DatabaseSync(path);
    onTestFinished(() => database.close());
    database.exec('CREATE TABLE a (b)');
    expect(() => database.exec('UPDATE a SET b = 1 LIMIT 1')).toThrow('syntax error');
    const statements = new Set<string>();
    const noting: SqliteLike = {
      exec: (sql) => database.exec(sql),
      prepare(sql) {
        statements.add(sql);
        return database.prepare(sql);
      },
    };
    const stock = new EncryptedTokenStore({ backend: sqliteBackend(noting), keyring });
    const { id } = await stock.saveToken(login('ann'));
    await stock.saveToken({ id, ...login('ann') });
    await stock.deleteToken(id);
    await stock.deleteTokens();
    expect([...statements].filter((sql) => /^UPDATE/.test(sql))).toHaveLength(1);
    expect([...statements].filter((sql) => /^(UPDATE|DELETE)/.test(sql) && /LIMIT/.test(sql))).toEqual([]);
  });

  test('SQ11: an expiry is a number of milliseconds, and what is none is refused with nothing written', async () => {
    const expiresAt = 1_900_000_000_123;
    const ann = await store.saveToken({ ...login('ann'), expiresAt });
    expect(await start().findToken({ userName: 'ann' })).toMatchObject({ expiresAt });
    for (const wrong of ['1900000000123', Number.NaN, -1, 1.5, new Date()]) {
      await expectCode('E_INPUT', store.saveToken({ ...login('ann'), accessToken: 'new', expiresAt: wrong as number }));
      await expectCode('E_INPUT', store.saveToken({ ...login('bob'), expiresAt: wrong as number }));
    }
    expect(await store.getTokens()).toEqual([ann]);
  });

  test('SQ11: the files are their owner’s alone, and hold nothing that can be read', async () => {
    await store.saveToken(login('a user with a long name'));
    const found = globSync(`${path}*`);
    expect(found).toHaveLength(3);
    for (const file of found) {
      expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
      const secrets = ['access of a user', 'refresh of a user', 'user with a long name', client.clientSecret];
      expect(findTraces(readFileSync(file), secrets)).toEqual([]);
    }
  });

  test('SQ11: a save that fails changes nothing, then or later', async () => {
    const ann = await store.saveToken(login('ann'));
    const other = new DatabaseSync(path);
    onTestFinished(() => other.close());
    other.exec("CREATE TRIGGER fail AFTER UPDATE ON tokenkeep_record BEGIN SELECT RAISE(ABORT, 'no'); END");
    await expectCode('E_STORAGE', store.saveToken({ ...login('ann'), accessToken: 'half written' }));
    other.exec('DROP TRIGGER fail');
    await store.saveToken(login('bob'));
    expect(await start().findTokenById(ann.id)).toEqual(ann);
  });
});

describe.each<[string, () => RecordBackend]>([
  ['SQLite', () => sqliteBackend(':memory:')],
  ['memory', () => memoryBackend()],
  ['a list', () => listBackend([])],
])('The bugs in which Zoho’s stores disagree are none of ours, in %s', (_, backend) => {
  beforeEach(() => {
    store = new EncryptedTokenStore({ backend: backend(), keyring });
  });

  test('SQ8: a refresh token finds its token with and without the client', async () => {
    const ann = await store.saveToken(login('ann'));
    const refreshToken = 'refresh of ann';
    for (const query of [{ refreshToken }, { refreshToken, ...client }, { refreshToken, clientId: client.clientId }]) {
      expect(await store.findToken(query)).toEqual(ann);
    }
    expect(await store.findToken({ refreshToken, clientId: 'of somebody else' })).toBeUndefined();
    expect(await store.saveToken({ refreshToken, accessToken: 'new' })).toMatchObject({ id: ann.id, revision: 2 });
  });

  test('SQ12: no two tokens have one id, and none has that of a deleted one', async () => {
    const users = Array.from({ length: 12 }, (_, n) => `user ${n}`);
    const saved = await Promise.all(users.map((userName) => store.saveToken(login(userName))));
    expect(new Set(saved.map(({ id }) => id)).size).toBe(12);
    for (const [n, { id }] of saved.entries()) {
      expect(await store.findTokenById(id)).toMatchObject({ userName: users[n] });
    }
    for (const { id } of saved) await store.deleteToken(id);
    const anew = await store.saveToken(login('somebody else'));
    expect(saved.map(({ id }) => id)).not.toContain(anew.id);
    for (const { id } of saved) expect(await store.findTokenById(id)).toBeUndefined();
  });
});
