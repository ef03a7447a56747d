import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { newTitle } from '../../src/backends/node/journal-header.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { recordScenario } from '../../src/testing/record-scenario.ts';
import { expectCode } from '../support/expect-code.ts';
import { startFileChild } from '../support/file/start-file-child.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

const folder = temporaryFolder();
const setting = await generateKeyring();
const keyring = await importKeyring(setting);
const storeAt = (path: string) => new EncryptedTokenStore({ backend: fileBackend(path), keyring });
const ann = { userName: 'ann', accessToken: 'access' };

const place = (name: string): string => {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
};

describe('what is no file of the store', () => {
  const jpeg = Buffer.from('ffd8ffe000104a46494600010101004800480000ffdb0043000302020302', 'hex');
  const csv = Buffer.from(`id,user_mail,client_id\n1,ann@example.com,CID\n`.repeat(100));
  const database = () => {
    const path = join(folder, 'database');
    const db = new DatabaseSync(path);
    db.exec('CREATE TABLE oauthtoken (id TEXT); INSERT INTO oauthtoken VALUES (1)');
    db.close();
    return readFileSync(path);
  };
  test.each([
    ['a picture', 'E_CONFIG', jpeg],
    ['a list of tokens of another kind', 'E_CONFIG', csv],
    ['an SQLite database', 'E_CONFIG', database()],
    ['an empty file', 'E_CONFIG', Buffer.alloc(0)],
    ['a file of zeros', 'E_CONFIG', Buffer.alloc(8192)],
    ['the first line of a store', 'E_FORMAT', Buffer.from(newTitle())],
    ['a store of a later version', 'E_VERSION', Buffer.from(newTitle().replace('records 1', 'records 2'))],
  ] as const)('is refused and left as it is: %s', async (name, code, content) => {
    const inside = place(`foreign ${name}`);
    const path = join(inside, 'tokens');
    writeFileSync(path, content);
    const store = storeAt(path);
    for (const work of [
      () => store.findToken({ userName: 'ann' }),
      () => store.getTokens(),
      () => store.saveToken(ann),
      () => store.deleteToken('one'),
      () => store.deleteTokens(),
    ]) {
      await expectCode(code, work);
    }
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(readdirSync(inside)).toEqual(['tokens']);
  });

  test('is refused and left as it is: a folder', async () => {
    const path = place('a folder');
    await expectCode('E_CONFIG', storeAt(path).getTokens());
    await expectCode('E_CONFIG', storeAt(path).saveToken(ann));
    expect(readdirSync(path)).toEqual([]);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test('is refused: a path whose folder does not exist, which is no empty store', async () => {
    for (const path of [join(folder, 'absent', 'tokens'), join(folder, 'database', 'tokens')]) {
      const error = await expectCode('E_CONFIG', storeAt(path).getTokens());
      expect(error.message).toContain('folder');
      await expectCode('E_CONFIG', storeAt(path).saveToken(ann));
    }
    expect(existsSync(join(folder, 'absent'))).toBe(false);
  });

  test.each(['', 'a\0b', undefined, 7])('is refused at once: the path %j', (path) => {
    expect(() => fileBackend(path as string)).toThrow(expect.objectContaining({ code: 'E_CONFIG' }));
  });
});

describe('a file without the rights', () => {
  const isRoot = process.getuid?.() === 0;
  const nobody = 65_534;

  /** A folder with a store of that user's, who then may no longer write it. */
  async function storeOfNobody(name: string) {
    const inside = place(name);
    chmodSync(folder, 0o755);
    chmodSync(inside, 0o777);
    const path = join(inside, 'tokens');
    const { store, backend } = await startFileChild(path, setting, isRoot ? { uid: nobody } : {});
    await store.saveToken(ann);
    return { inside, path, store, backend };
  }

  test('is read, but not written, in a folder that may not be written', async () => {
    const { inside, path, store } = await storeOfNobody('read-only');
    rmSync(`${path}.lock`);
    chmodSync(path, 0o444);
    chmodSync(inside, 0o555);
    const before = readFileSync(path);
    const second = await startFileChild(path, setting, isRoot ? { uid: nobody } : {});
    expect(await second.store.findToken({ userName: 'ann' })).toMatchObject(ann);
    expect(await store.findToken({ userName: 'ann' })).toMatchObject(ann);
    for (const { saveToken } of [second.store, store]) {
      await expect(saveToken({ ...ann, scope: 'read' })).rejects.toMatchObject({
        code: 'E_STORAGE',
        message: expect.stringContaining('right to'),
      });
    }
    await expect(second.store.deleteTokens()).rejects.toMatchObject({ code: 'E_STORAGE' });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(inside)).toEqual(['tokens']);
    chmodSync(inside, 0o777);
    chmodSync(path, 0o600);
    expect(await store.saveToken({ ...ann, scope: 'read' })).toMatchObject({ revision: 2 });
  });

  test('is not made in a folder that may not be written', async () => {
    const inside = place('nothing');
    chmodSync(inside, 0o555);
    const { store } = await startFileChild(join(inside, 'tokens'), setting, isRoot ? { uid: nobody } : {});
    expect(await store.getTokens()).toEqual([]);
    await expect(store.saveToken(ann)).rejects.toMatchObject({ code: 'E_STORAGE' });
    expect(readdirSync(inside)).toEqual([]);
  });

  test('is neither read nor written when it is another user’s', async ({ skip }) => {
    if (!isRoot) return skip('only the superuser can make files of another user');
    const { path } = await storeOfNobody('another');
    chownSync(path, 0, 0);
    const { store } = await startFileChild(path, setting, { uid: nobody });
    await expect(store.findToken({ userName: 'ann' })).rejects.toMatchObject({ code: 'E_STORAGE' });
    await expect(store.saveToken(ann)).rejects.toMatchObject({ code: 'E_STORAGE' });
  });

  test('is not written without a lock, when the lock may only be read', async () => {
    const { path, store } = await storeOfNobody('lock');
    const second = await startFileChild(path, setting, isRoot ? { uid: nobody } : {});
    chmodSync(`${path}.lock`, 0o444);
    await expect(second.store.saveToken({ ...ann, scope: 'read' })).rejects.toMatchObject({ code: 'E_STORAGE' });
    expect(await store.findToken({ userName: 'ann' })).toMatchObject({ revision: 1 });
  });

  test('stays its owner’s when the superuser writes it', async ({ skip }) => {
    if (!isRoot) return skip('only the superuser can write files of another user');
    const { path, store, backend } = await storeOfNobody('owner');
    const own = fileBackend(path);
    for (const [there, id] of [
      [own, 'one'],
      [backend, 'two'],
    ] as const) {
      await there.put(recordScenario(own).sample(id, { partition: 'scratch' }), {});
      await own.clear('scratch');
      expect(statSync(path).uid).toBe(nobody);
    }
    expect(await store.saveToken({ ...ann, scope: 'read' })).toMatchObject({ revision: 2 });
  });
});

describe('the files of a store', () => {
  const modesIn = (path: string) =>
    readdirSync(path).map((name) => `${name} ${(statSync(join(path, name)).mode & 0o777).toString(8)}`);

  test('can be read by their owner alone, even where everything is readable by default', async () => {
    const inside = place('modes');
    const { store, backend } = await startFileChild(join(inside, 'tokens'), setting);
    await store.saveToken(ann);
    expect(modesIn(inside)).toEqual(['tokens 600', 'tokens.lock 600']);
    chmodSync(join(inside, 'tokens'), 0o644);
    await backend.put(recordScenario(backend).sample('one', { partition: 'scratch' }), {});
    await backend.clear('scratch');
    expect(modesIn(inside)).toEqual(['tokens 600', 'tokens.lock 600']);
  });

  test('are where the link leads, so that all names of a file share its lock', async () => {
    const inside = place('links');
    const store = storeAt(join(inside, 'tokens'));
    await store.saveToken(ann);
    symlinkSync(join(inside, 'tokens'), join(inside, 'link'));
    const linked = fileBackend(join(inside, 'link'));
    await linked.put(recordScenario(linked).sample('one', { partition: 'scratch' }), {});
    await linked.clear('scratch');
    expect(readdirSync(inside)).toEqual(['link', 'tokens', 'tokens.lock']);
    expect(readFileSync(join(inside, 'link')).equals(readFileSync(join(inside, 'tokens')))).toBe(true);
  });

  test('are not those of another who put a link where the new file is to be written', async () => {
    const inside = place('new');
    const victim = join(inside, 'victim');
    writeFileSync(victim, 'mine');
    symlinkSync(victim, join(inside, 'tokens.new'));
    await storeAt(join(inside, 'tokens')).saveToken(ann);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    expect(readdirSync(inside)).toEqual(['tokens', 'tokens.lock', 'victim']);
  });

  test('may go while the store is open, which then is empty, and come back', async () => {
    const path = join(place('gone'), 'tokens');
    const store = storeAt(path);
    const saved = await store.saveToken(ann);
    const kept = readFileSync(path);
    rmSync(path);
    expect(await store.getTokens()).toEqual([]);
    const bob = await store.saveToken({ ...ann, userName: 'bob' });
    expect(await store.getTokens()).toEqual([bob]);
    writeFileSync(path, kept);
    expect(await store.getTokens()).toEqual([saved]);
  });
});

describe('a file backend that is closed', () => {
  test('ends what is under way, and then refuses everything', async () => {
    const path = join(place('closed'), 'tokens');
    const backend = fileBackend(path);
    const store = new EncryptedTokenStore({ backend, keyring });
    const { sample, partition } = recordScenario(backend);
    const under = ['one', 'two', 'three'].map((id) => backend.put(sample(id), {}));
    await backend.close();
    expect((await fileBackend(path).page(partition, 10)).records).toHaveLength(3);
    expect(await Promise.all(under)).toEqual(['stored', 'stored', 'stored']);
    await expectCode('E_STORAGE', backend.get(partition, 'one'));
    await expectCode('E_STORAGE', store.saveToken(ann));
    await backend.close();
  });
});
