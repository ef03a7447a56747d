import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';
import { testKeyring } from '../support/test-keyring.ts';

const { settings, connection, drop } = await mariadbDatabase(inject('mariadb'));
const backend = mysqlBackend(settings);
const keyring = testKeyring();
afterAll(async () => {
  await backend.close();
  await drop();
});

const client = { clientId: 'client', clientSecret: 'secret' };
const victim = { ...client, userName: 'victim', accessToken: 'AT-victim', refreshToken: 'RT-victim' };
let store: EncryptedTokenStore;

beforeEach(() => {
  store = new EncryptedTokenStore({ backend, keyring, tenant: crypto.randomUUID() });
});

/** Who is stored, with which tokens. */
async function stored(): Promise<readonly string[]> {
  const tokens = await store.getTokens();
  return tokens.map((token) => `${token.userName} ${token.accessToken} ${token.refreshToken}`).sort();
}

describe('what goes wrong in a store that builds its SQL, counts its ids and matches by whatever is there:', () => {
  test('DB1: the eleventh user is stored like the first, and every id is new', async () => {
    const ids = new Set<string>();
    for (let n = 1; n <= 25; n++) ids.add((await store.saveToken({ ...victim, userName: `user ${n}` })).id);
    expect(ids.size).toBe(25);
    expect(await store.getTokens()).toHaveLength(25);
    for (const id of [...ids].slice(5)) await store.deleteToken(id);
    ids.add((await store.saveToken({ ...victim, userName: 'user 26' })).id);
    expect(ids.size).toBe(26);
  });

  test('DB2: five users who sign in for the first time at once are all stored', async () => {
    const users = Array.from({ length: 5 }, (_, n) => `user ${n}`);
    await Promise.all(users.map((userName) => store.saveToken({ ...victim, userName })));
    expect((await store.getTokens()).map(({ userName }) => userName).sort()).toEqual(users);
  });

  test('DB3: one user who signs in twice at once has one token', async () => {
    const [first, second] = await Promise.all([store.saveToken(victim), store.saveToken(victim)]);
    expect(first.id).toBe(second.id);
    expect(await stored()).toEqual(['victim AT-victim RT-victim']);
  });

  test('DB4: an id that nobody has is no token, and the answer comes', async () => {
    expect(await store.findTokenById('unknown')).toBeUndefined();
    await store.deleteToken('unknown');
  });

  test.each([
    "O'Brien",
    "' or 1=1 -- ",
    "x', refresh_token='RT-mallory' where 1=1 -- ",
    '\\',
    '"; DROP TABLE oauthtoken; -- ',
  ])('DB5: no value is SQL: %j', async (text) => {
    const { id } = await store.saveToken(victim);
    const mallory = {
      ...client,
      userName: text,
      accessToken: `AT ${text}`,
      refreshToken: `RT ${text}`,
      redirectUrl: text,
    };
    const saved = await store.saveToken({ ...mallory, scope: text, apiDomain: text });
    expect(await store.findToken({ userName: text })).toEqual(saved);
    expect(await store.findTokenById(text)).toBeUndefined();
    expect(await store.findToken({ refreshToken: text })).toBeUndefined();
    await store.deleteToken(text);
    expect(await store.findTokenById(id)).toMatchObject(victim);
    expect(await store.getTokens()).toHaveLength(2);
  });

  test('DB6: client and access token find their own token, never the one of somebody else', async () => {
    await store.saveToken(victim);
    expect(await store.findToken({ ...client, accessToken: 'AT-mine' })).toBeUndefined();
    await store.saveToken({ ...client, accessToken: 'AT-mine' });
    expect(await stored()).toEqual(['undefined AT-mine undefined', 'victim AT-victim RT-victim']);
  });

  test('DB7: an id, an empty user and a grant without a client find what they name, and nobody at random', async () => {
    await store.saveToken(victim);
    expect(await store.findToken({ id: '2' })).toBeUndefined();
    expect(await store.findToken({ grantToken: 'grant' })).toBeUndefined();
    await expectCode('E_QUERY', store.findToken({ userName: '' }));
    await expectCode('E_QUERY', store.findToken(client));
  });

  test('DB8: a save that is refused stores nothing', async () => {
    await expectCode('E_INPUT', store.saveToken({ id: '5', userName: 'zed' }));
    await expectCode('E_QUERY', store.saveToken({ userName: undefined, ...client } as never));
    await expectCode('E_INPUT', store.saveToken({ ...victim, expiresAt: Number.NaN }));
    await expectCode('E_CONFLICT', store.saveToken({ ...victim, id: '5', revision: 1 }));
    expect(await store.getTokens()).toEqual([]);
  });

  test('DB9: a token without a user can be renewed, as often as it takes', async () => {
    const { id } = await store.saveToken({ ...client, refreshToken: 'RT-1', accessToken: 'AT-1' });
    for (const n of [2, 3]) {
      await store.saveToken({ id, refreshToken: `RT-${n}`, accessToken: `AT-${n}` });
      expect(await stored()).toEqual([`undefined AT-${n} RT-${n}`]);
    }
    expect((await store.saveToken({ ...client, refreshToken: 'RT-4', accessToken: 'AT-3' })).id).toBe(id);
    const only = await store.saveToken({ accessToken: 'AT-alone' });
    await store.saveToken({ id: only.id, accessToken: 'AT-next' });
    await store.saveToken({ accessToken: 'AT-other' });
    const tokens = ['undefined AT-3 RT-4', 'undefined AT-next undefined', 'undefined AT-other undefined'];
    expect(await stored()).toEqual(tokens);
  });

  test('DB10: an empty user name is refused in words, and an access token with a client is stored', async () => {
    const error = await expectCode('E_INPUT', store.saveToken({ userName: '', accessToken: 'AT' }));
    expect(error.message).toBe('userName is empty; leave it out, or clear it with null');
    await store.saveToken({ ...client, accessToken: 'AT' });
    await store.saveToken({ ...client, accessToken: 'AT' });
    expect(await stored()).toEqual(['undefined AT undefined']);
  });

  test('DB11: whatever fails, fails with one kind of error, and rejects', async () => {
    const broken = mysqlBackend({ ...settings, password: 'wrong' });
    const failing = new EncryptedTokenStore({ backend: broken, keyring });
    await expectCode('E_CONFIG', failing.findToken({ userName: 'ann' }));
    await expectCode('E_CONFIG', failing.saveToken(victim));
    await expectCode('E_CONFIG', failing.getTokens());
    await broken.close();
    await expectCode('E_STORAGE', failing.deleteTokens());
  });

  test.each([300, 4000, 65_536])('DB12: an access token of %i characters is stored whole', async (length) => {
    const accessToken = 'a'.repeat(length);
    await store.saveToken({ ...victim, accessToken });
    expect((await store.findToken({ accessToken }))?.userName).toBe('victim');
  });

  test('DB13: a name of a table that is more than a name is refused, and touches no table', async () => {
    await store.saveToken(victim);
    for (const table of ['oauthtoken where 1=1 or id=? -- ', 'oauthtoken;', 'oauth token', '`oauthtoken`', '']) {
      await expectCode('E_CONFIG', () => mysqlBackend({ ...settings, table }));
    }
    const [rows] = await connection.query('SELECT COUNT(*) AS records FROM oauthtoken');
    expect((rows as { records: number }[])[0]?.records).toBeGreaterThan(0);
    expect(await stored()).toEqual(['victim AT-victim RT-victim']);
  });

  test('DB14: what is found is returned, and what is asked with stays as it was', async () => {
    const saved = await store.saveToken(victim);
    const query = { userName: 'victim', ...client };
    expect(await store.findToken(query)).toEqual(saved);
    expect(query).toEqual({ userName: 'victim', ...client });
    expect(await store.findTokenById(saved.id)).toEqual(saved);
  });
});
