import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import type { TokenChange } from '../../src/core/oauth-token.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { startFileChild } from '../support/file/start-file-child.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';
import { findTraces } from '../support/find-traces.ts';

const folder = temporaryFolder();
const setting = await generateKeyring();
const keyring = await importKeyring(setting);

let path: string;
beforeEach(() => {
  path = join(folder, crypto.randomUUID());
});

/** Another connection to the file, as another process has it. */
const open = () => new EncryptedTokenStore({ backend: fileBackend(path), keyring });

/** What a sign-in brings. */
const login = (userName: string, change: TokenChange = {}): TokenChange => ({
  userName,
  clientId: 'CID',
  clientSecret: 'SEC',
  accessToken: `access token of ${userName}`,
  refreshToken: `refresh token of ${userName}`,
  expiresAt: 4_102_444_800_000,
  ...change,
});

const usersIn = async () => (await open().getTokens()).map(({ userName }) => userName).sort();

describe('what a file store does where Zoho’s FileStore loses or mixes up tokens', () => {
  test('FS1: two first saves at once leave two records, each with an id of its own', async () => {
    const [ann, bob] = await Promise.all([open().saveToken(login('ann')), open().saveToken(login('bob'))]);
    expect(ann.id).not.toBe(bob.id);
    expect(await open().findTokenById(ann.id)).toMatchObject(login('ann'));
    expect(await open().findTokenById(bob.id)).toMatchObject(login('bob'));
  });

  test('FS2: of twenty first saves at once all twenty are there', async () => {
    const users = Array.from({ length: 20 }, (_, n) => `user ${n}`);
    const saved = await Promise.all(users.map((userName) => open().saveToken(login(userName))));
    expect(await usersIn()).toEqual([...users].sort());
    expect(new Set(saved.map(({ id }) => id)).size).toBe(20);
  });

  test('FS3: a renewal beside somebody else’s first save keeps the new access token', async () => {
    await open().saveToken(login('ann'));
    for (let round = 0; round < 10; round++) {
      const accessToken = `renewed ${round}`;
      await Promise.all([open().saveToken({ userName: 'ann', accessToken }), open().saveToken(login(`bob ${round}`))]);
      expect(await open().findToken({ userName: 'ann' })).toMatchObject({ accessToken });
    }
    expect(await usersIn()).toHaveLength(11);
  });

  test('FS4: a comma in a user name shifts nothing, and each further sign-in finds the same record', async () => {
    const first = await open().saveToken(login('Doe, John'));
    const again = await open().saveToken(login('Doe, John', { accessToken: 'the next' }));
    expect(again.id).toBe(first.id);
    expect(await open().findToken({ userName: 'Doe, John' })).toEqual({
      ...login('Doe, John', { accessToken: 'the next' }),
      id: first.id,
      revision: 2,
    });
    expect(await usersIn()).toEqual(['Doe, John']);
  });

  test('FS5: a line break in a user name makes no row', async () => {
    const admin = await open().saveToken(login('admin'));
    const hostile =
      'mallory\n7,admin,CID,SEC,refresh token of mallory,access token of mallory,,1,https://evil.example,';
    for (const userName of [hostile, `${hostile}\r\n`, 'mallory"},{"kind":"clear","partition":"default/tokens"}\n']) {
      const saved = await open().saveToken(login(userName, { clientId: userName, redirectUrl: userName }));
      expect(await open().findToken({ userName })).toEqual(saved);
    }
    expect(await open().findToken({ userName: 'admin' })).toEqual(admin);
    expect(await usersIn()).toHaveLength(4);
  });

  test('FS6: quotes, commas, backslashes and other signs are kept as they are', async () => {
    for (const userName of [
      '"',
      '""',
      "O'Brien",
      '\\',
      '\\n',
      ',',
      '\t',
      '\u0000',
      '\u2028',
      '😀',
      '{"a":1}',
      '=1+1',
    ]) {
      const saved = await open().saveToken(login(userName));
      expect(await open().findToken({ userName })).toEqual(saved);
      expect(saved.userName).toBe(userName);
    }
    expect(await usersIn()).toHaveLength(12);
  });

  test('FS7: the id of a deleted token never leads to somebody else’s', async () => {
    await open().saveToken(login('ann'));
    const bob = await open().saveToken(login('bob'));
    await open().deleteToken(bob.id);
    const carol = await open().saveToken(login('carol'));
    expect(carol.id).not.toBe(bob.id);
    expect(await open().findTokenById(bob.id)).toBeUndefined();
    expect(await open().findToken({ id: bob.id })).toBeUndefined();
  });

  test('FS8: no two records have one id, and a deletion leaves none with it', async () => {
    const id = 'the same id';
    await Promise.allSettled([
      open().saveToken(login('ann', { id })),
      open().saveToken(login('bob', { id })),
      open().saveToken(login('carol', { id })),
    ]);
    expect(await open().getTokens()).toHaveLength(1);
    await open().deleteToken(id);
    expect(await open().getTokens()).toEqual([]);
    await open().deleteToken(id);
  });

  test('FS9: a new refresh token of a known user is not joined with the old access token', async () => {
    await open().saveToken(login('ann'));
    const saved = await open().saveToken({ userName: 'ann', refreshToken: 'RT-NEW' });
    expect(saved).toMatchObject({ refreshToken: 'RT-NEW', clientSecret: 'SEC' });
    for (const token of [saved, await open().findToken({ userName: 'ann' })]) {
      expect(token).not.toHaveProperty('accessToken');
      expect(token).not.toHaveProperty('expiresAt');
    }
  });

  test('FS10: an access token with client id and secret that is saved twice is one record', async () => {
    const change = { accessToken: 'AT', clientId: 'CID', clientSecret: 'SEC' };
    const first = await open().saveToken(change);
    const second = await open().saveToken(change);
    expect(second).toEqual({ ...first, revision: 2 });
    expect(await open().getTokens()).toEqual([second]);
  });

  test('FS11: a process that is killed while it saves leaves everything that was there, and what it has acknowledged', async () => {
    const before = await Promise.all(Array.from({ length: 50 }, (_, n) => open().saveToken(login(`user ${n}`))));
    for (let round = 0; round < 3; round++) {
      const child = await startFileChild(path, setting);
      const acknowledged: string[] = [];
      const saves = Array.from({ length: 60 }, async (_, n) => {
        const userName = `user ${n} of round ${round}`;
        await child.store.saveToken(login(userName));
        if (acknowledged.push(userName) > 6 * round) await child.kill();
      });
      await Promise.allSettled(saves);
      const users = await usersIn();
      expect(users).toEqual(expect.arrayContaining([...before.map(({ userName }) => userName), ...acknowledged]));
    }
    for (const token of before) expect(await open().findTokenById(token.id)).toEqual(token);
  });

  test('FS12: a save that the disk has no room for throws, and leaves every row whole', async () => {
    const child = await startFileChild(path, setting, { fileBlocks: 120 });
    const users: string[] = [];
    let code = '';
    while (code === '') {
      const userName = `user ${users.length}`;
      await child.store.saveToken(login(userName)).then(
        () => users.push(userName),
        (error: { code: string }) => {
          code = error.code;
        },
      );
    }
    expect(code).toBe('E_QUOTA');
    expect(users.length).toBeGreaterThan(20);
    expect(await usersIn()).toEqual([...users].sort());
    for (const userName of users) expect(await open().findToken({ userName })).toMatchObject(login(userName));
    expect(await open().saveToken(login('one more'))).toMatchObject({ revision: 1 });
  });

  test('FS13: another process that reads during saves never misses a user who is there', async () => {
    const ann = await open().saveToken(login('ann'));
    const writer = await startFileChild(path, setting);
    let isSaving = true;
    const saves = (async () => {
      // written anew on the way as well
      for (let n = 0; n < 250; n++) await writer.store.saveToken(login('bob', { accessToken: `access ${n}` }));
      isSaving = false;
    })();
    const reader = open();
    let reads = 0;
    while (isSaving) {
      expect(await reader.findToken({ userName: 'ann' })).toEqual(ann);
      expect(await open().findTokenById(ann.id)).toEqual(ann);
      reads++;
    }
    await saves;
    expect(reads).toBeGreaterThan(10);
    expect(await reader.findToken({ userName: 'bob' })).toMatchObject({ revision: 250, accessToken: 'access 249' });
  });

  test('FS14: its files can be read by their owner alone, and hold nothing that tells anybody else anything', async () => {
    const secrets = {
      userName: 'marker user name 0123',
      clientId: 'marker client id 0123',
      clientSecret: 'marker client secret 0123',
      accessToken: 'marker access token 0123',
      refreshToken: 'marker refresh token 0123',
    };
    const { store } = await startFileChild(path, setting);
    const { id } = await store.saveToken(secrets);
    await store.saveToken({ id, accessToken: 'another access token' });
    await store.deleteToken(id);
    await store.saveToken(secrets);
    const [, name = ''] = path.split(`${folder}/`);
    const files = readdirSync(folder).filter((file) => file.startsWith(name));
    expect(files).toEqual([name, `${name}.lock`]);
    for (const file of files) {
      expect((statSync(join(folder, file)).mode & 0o777).toString(8)).toBe('600');
      expect(findTraces(readFileSync(join(folder, file)), Object.values(secrets))).toEqual([]);
    }
    for (const line of readFileSync(path, 'utf8').slice(1536).trim().split('\n')) {
      const sealed = JSON.parse(line).row?.sealed ?? '';
      expect(findTraces(Buffer.from(sealed, 'base64url'), Object.values(secrets))).toEqual([]);
    }
  });
});
