import { execFile } from 'node:child_process';
import {
  chmodSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { recordScenario } from '../../src/testing/record-scenario.ts';
import { expectCode } from '../support/expect-code.ts';
import { startFileChild } from '../support/file/start-file-child.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';
import { findTraces } from '../support/find-traces.ts';

const folder = temporaryFolder();
const setting = await generateKeyring();
const keyring = importKeyring(setting);

describe('the files of an SQLite database', () => {
  test('are readable and writable for their owner only, whatever the umask', async () => {
    const path = join(folder, 'mode.db');
    const { store } = await startFileChild(path, setting); // with umask 0
    await store.saveToken({ userName: 'ann', accessToken: 'access' });
    const modes = globSync(`${path}*`).map((file) => `${basename(file)} ${(statSync(file).mode & 0o777).toString(8)}`);
    expect(modes.sort()).toEqual(['mode.db 600', 'mode.db-shm 600', 'mode.db-wal 600']);
  });

  test('hold no secret and no user in any form', async () => {
    const path = join(folder, 'traces.db');
    const secrets = ['access', 'refresh', 'grant', 'client', 'id'].map((name) => `sentinel-of-the-${name}-token-8f2c`);
    const [accessToken = '', refreshToken = '', grantToken = '', clientSecret = '', idToken = ''] = secrets;
    const user = 'sentinel.user@example.org';
    const backend = sqliteBackend(path);
    const store = new EncryptedTokenStore({ backend, keyring, tenant: 'sentinel-tenant' });
    const saved = await store.saveToken({ userName: user, accessToken, refreshToken, clientId: 'app', clientSecret });
    await store.saveToken({ userName: `second.${user}`, accessToken: `${accessToken}2`, grantToken, idToken });
    await store.saveToken({ id: saved.id, accessToken: `${accessToken}3` });
    await store.deleteToken(saved.id);
    const search = () => {
      const files = globSync(`${path}*`);
      return files.flatMap((file) => findTraces(readFileSync(file), [...secrets, user]).map((form) => [file, form]));
    };
    expect(globSync(`${path}*`)).toHaveLength(3);
    expect(search()).toEqual([]);
    await backend.close();
    expect(globSync(`${path}*`)).toEqual([path]);
    expect(search()).toEqual([]);
    // what is in the clear is found by the same search
    expect(findTraces(readFileSync(path), ['sentinel-tenant'])).toEqual(['sentinel-tenant in utf-8']);
  });

  test('stay locked for a backend when another one of the process opens them, too', async () => {
    const path = join(folder, 'locks.db');
    const [one, two] = [sqliteBackend(path), sqliteBackend(path)];
    await one.get('a', 'b');
    await two.get('a', 'b');
    // whoever closes a database that nobody else has locked deletes what belongs to it
    const visit =
      "const db = new (require('node:sqlite').DatabaseSync)(process.argv[1]); db.exec('VACUUM'); db.close()";
    await promisify(execFile)(process.execPath, ['-e', visit, path]);
    expect(globSync(`${path}-wal`)).toHaveLength(1);
    await Promise.all([one.close(), two.close()]);
  });

  test('are found from another working directory, too', async () => {
    const before = process.cwd();
    process.chdir(folder);
    const backend = sqliteBackend('relative.db');
    process.chdir(before);
    await backend.get('a', 'b');
    expect(globSync(join(folder, 'relative.db'))).toHaveLength(1);
    await backend.close();
  });
});

describe('what cannot be a database of tokenkeep', () => {
  const image = Buffer.concat([
    Buffer.from('ffd8ffe000104a46494600', 'hex'),
    crypto.getRandomValues(Buffer.alloc(9000)),
  ]);

  test.each([
    ['an image', image],
    ['a text', Buffer.from('id,user_mail,client_id\n')],
    ['two bytes', Buffer.from('SQ')],
  ])('is left byte for byte as it is, and closed again: %s', async (name, content) => {
    const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare');
    onTestFinished(() => prepare.mockRestore());
    const path = join(folder, `${name}.jpg`);
    writeFileSync(path, content);
    const backend = sqliteBackend(path);
    for (const operation of [() => backend.get('a', 'b'), () => recordScenario(backend).add('one')]) {
      const error = await expectCode('E_CONFIG', operation);
      expect(error.message).toContain('not an SQLite database');
    }
    await backend.close();
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(globSync(`${path}?*`)).toEqual([]);
    expect(prepare.mock.contexts.filter((database) => (database as DatabaseSync).isOpen)).toEqual([]);
  });

  test.each([
    ['a folder', () => folder],
    ['a folder that is not there', () => join(folder, 'absent', 'a.db')],
    ['a file in a file', () => join(import.meta.filename, 'a.db')],
    ['a name that is too long', () => join(folder, 'a'.repeat(300))],
    [
      'a link that leads nowhere',
      () => {
        symlinkSync(join(folder, 'nowhere.db'), join(folder, 'link.db'));
        return join(folder, 'link.db');
      },
    ],
    ['an address', () => 'file:///tmp/a.db?mode=memory'],
  ])('is %s, and nothing is made there', async (_, path) => {
    const backend = sqliteBackend(path());
    const error = await expectCode('E_CONFIG', backend.get('a', 'b'));
    expect(error.message).toContain('check that its folder exists');
    expect(error.message).not.toContain(folder);
    expect(globSync(join(folder, '{absent,nowhere.db}'))).toEqual([]);
  });

  test('is a path in a working directory that is gone', async () => {
    const before = process.cwd();
    const gone = mkdtempSync(join(folder, 'gone-'));
    process.chdir(gone);
    rmdirSync(gone);
    try {
      await expectCode('E_CONFIG', () => sqliteBackend('a.db'));
    } finally {
      process.chdir(before);
    }
  });

  test('may become one: a backend is of use as soon as its folder is there', async () => {
    const backend = sqliteBackend(join(folder, 'later', 'a.db'));
    await expectCode('E_CONFIG', backend.get('a', 'b'));
    mkdirSync(join(folder, 'later'));
    expect(await backend.get('a', 'b')).toBeUndefined();
    await backend.close();
  });

  test('is a database that was damaged, which is reported and left as it is', async () => {
    const path = join(folder, 'damaged.db');
    const backend = sqliteBackend(path);
    const scenario = recordScenario(backend);
    for (let n = 0; n < 100; n++) await scenario.add(`${n}`);
    await backend.close();
    const content = readFileSync(path);
    content.fill(0xa5, 4096, content.length);
    writeFileSync(path, content);
    const error = await expectCode('E_STORAGE', sqliteBackend(path).page(scenario.partition, 100));
    expect(error.message).toContain('restore it from a backup');
    expect(readFileSync(path).equals(content)).toBe(true);
  });
});

describe('a process that may not write', () => {
  const nobody = 65_534;
  /** Root may write everywhere, so that its child is somebody else. */
  const limits = process.getuid?.() === 0 ? { uid: nobody } : {};

  /** A folder that the child may look into. */
  function open(name: string): string {
    chmodSync(folder, 0o755);
    const path = join(folder, name);
    mkdirSync(path, { mode: 0o755 });
    return path;
  }

  test('a folder is told so', async () => {
    const path = join(open('closed'), 'a.db');
    chmodSync(join(folder, 'closed'), 0o555);
    const { backend } = await startFileChild(path, setting, limits);
    await expect(backend.get('a', 'b')).rejects.toMatchObject({ code: 'E_CONFIG' });
    expect(globSync(`${path}*`)).toEqual([]);
  });

  test('a file is told so, and leaves it as it is', async () => {
    const path = join(open('read-only'), 'a.db');
    const owner = sqliteBackend(path);
    await recordScenario(owner).add('one');
    await owner.close();
    chmodSync(path, 0o444);
    const before = readFileSync(path);
    const { backend } = await startFileChild(path, setting, limits);
    const save = backend.put(recordScenario(owner).sample('two'), {});
    await expect(save).rejects.toMatchObject({ code: 'E_CONFIG', message: expect.stringContaining('who may write') });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('more than so much is told that there is no room, and keeps what it has acknowledged', async () => {
    const path = join(folder, 'limited.db');
    const { store } = await startFileChild(path, setting, { fileBlocks: 400 });
    const saved: string[] = [];
    const fill = async (): Promise<void> => {
      for (let n = 0; ; n++) saved.push((await store.saveToken({ userName: `user ${n}`, accessToken: 'a' })).id);
    };
    await expect(fill()).rejects.toMatchObject({ code: 'E_QUOTA' });
    expect(saved.length).toBeGreaterThan(5);
    for (const id of saved) expect(await store.findTokenById(id)).toBeDefined();
    const backend = sqliteBackend(path);
    const tokens = await new EncryptedTokenStore({ backend, keyring }).getTokens();
    expect(tokens.map(({ id }) => id).sort()).toEqual(saved.sort());
    await backend.close();
  });
});
