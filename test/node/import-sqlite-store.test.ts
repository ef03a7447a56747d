import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { readSqliteStore } from '../../src/importer/read-sqlite-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { sqliteFile, zohoRow, zohoTable } from '../support/zoho-sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'zohooauth.db');

const read = (place = path) => Array.fromAsync(readSqliteStore(place));
const users = async (place = path) =>
  (await read(place)).map((row) => ('cells' in row ? row.cells.userName : row.refused));

const ann = zohoRow('ann O\'Brien, "the\nfirst"');
const bob = zohoRow('bob@example.com:60001');

describe('the SQLite database of Zoho’s sample', () => {
  test('is read whole, whatever the values hold, in the order of the ids', async () => {
    const { grant: _, ...rest } = bob;
    sqliteFile(path, [
      { ...ann, id: '9' },
      { ...rest, id: '10' },
    ]);
    expect(await read()).toEqual([
      { number: 1, cells: expect.objectContaining({ id: '10', userName: bob.user, expiryTime: bob.expiry }) },
      { number: 2, cells: expect.objectContaining({ id: '9', userName: ann.user, grantToken: ann.grant }) },
    ]);
    expect((await read())[0]).not.toHaveProperty('cells.grantToken');
  });

  test('may hold numbers, nothing, bytes that are no text, and columns of others', async () => {
    const table = zohoTable
      .replace('expiry_time varchar(20)', 'expiry_time INTEGER')
      .replace('(id varchar', '(ID varchar');
    sqliteFile(path, [ann, bob], table);
    const database = new DatabaseSync(path);
    database.exec('ALTER TABLE oauthtoken ADD COLUMN created_at TEXT');
    database.prepare("UPDATE oauthtoken SET user_name = ?, redirect_url = '' WHERE id = '2'").run(Uint8Array.of(0xff));
    database.close();
    expect(await read()).toEqual([
      { number: 1, cells: expect.objectContaining({ expiryTime: ann.expiry }) },
      { number: 2, refused: 'is not UTF-8' },
    ]);
  });

  test('may be from before the SDK kept the API’s address, and name the user by mail', async () => {
    sqliteFile(path, [ann]);
    const database = new DatabaseSync(path);
    database.exec(
      'ALTER TABLE oauthtoken DROP COLUMN api_domain; ALTER TABLE oauthtoken RENAME user_name TO user_mail',
    );
    database.close();
    const [row] = await read();
    expect(row).toMatchObject({ cells: { userName: ann.user } });
    expect(row).not.toHaveProperty('cells.apiDomain');
  });

  test('is not changed by being read', async () => {
    sqliteFile(path, [ann, bob]);
    const before = [readFileSync(path), statSync(path, { bigint: true }).mtimeNs];
    await read();
    expect([readFileSync(path), statSync(path, { bigint: true }).mtimeNs]).toEqual(before);
  });

  test('is read with what an application has written ahead and not yet brought in, which stays so', async () => {
    sqliteFile(path, [ann]);
    const database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0');
    database.prepare("UPDATE oauthtoken SET user_name = 'renamed'").run();
    // as a process leaves them that was killed
    const killed = join(folder, 'killed.db');
    for (const file of ['', '-wal']) copyFileSync(path + file, killed + file);
    database.close();
    const before = [readFileSync(killed), readFileSync(`${killed}-wal`)];
    expect(await users(killed)).toEqual(['renamed']);
    expect([readFileSync(killed), readFileSync(`${killed}-wal`)]).toEqual(before);
  });

  test('is read while an application has it open', async () => {
    sqliteFile(path, [ann]);
    const database = new DatabaseSync(path);
    database.exec("BEGIN IMMEDIATE; UPDATE oauthtoken SET user_name = 'x'");
    expect(await users()).toEqual([ann.user]);
    database.exec('COMMIT');
    expect(await users()).toEqual(['x']);
    database.close();
  });
});

describe('a source that is no such database', () => {
  test('is one clear error', async () => {
    const message = async (place = path) => (await expectCode('E_CONFIG', () => read(place))).message;
    writeFileSync(path, 'id,user_mail');
    expect(await message()).toContain('not an SQLite database');
    writeFileSync(path, '');
    expect(await message()).toContain('no table oauthtoken');
    sqliteFile(path, [], 'CREATE TABLE oauthtoken (id TEXT, user_name TEXT)');
    expect(await message()).toContain('other columns');
    sqliteFile(path, [], 'CREATE TABLE tokens (id TEXT)');
    expect(await message()).toContain('no table oauthtoken');
    expect(await message(folder)).toContain('folder');
    expect(await message(join(folder, 'nothing.db'))).toContain('no such file');
    expect(existsSync(join(folder, 'nothing.db'))).toBe(false);
  });

  test('says that it is locked, or damaged', async () => {
    sqliteFile(path, [ann, bob]);
    const database = new DatabaseSync(path);
    database.exec('BEGIN EXCLUSIVE');
    expect((await expectCode('E_STORAGE', () => read())).message).toContain('locked');
    database.close();
    const bytes = readFileSync(path);
    bytes.fill(0xaa, 4096);
    writeFileSync(path, bytes);
    expect((await expectCode('E_STORAGE', () => read())).message).toContain('damaged');
  });
});
