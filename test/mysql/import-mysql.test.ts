import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@zohocrm/typescript-sdk-8.0';
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { mysqlBackend } from '../../src/backends/node/mysql-backend.ts';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import type { ClosableRecordBackend } from '../../src/core/record-backend.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { mariadbDatabase } from '../support/mariadb-database.ts';
import { cliKeyring, runTokenkeep, startTokenkeep, type TokenkeepRun } from '../support/run-tokenkeep.ts';
import {
  cellsOf,
  sdkFile,
  sdkToken,
  secretsOf,
  sqliteFile,
  type ZohoRow,
  zohoRow,
  zohoTable,
} from '../support/zoho-sources.ts';

const server = inject('mariadb');
const { settings, connection, addUser, drop } = await mariadbDatabase(server);
const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-mysql-'));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await drop();
});
const { host, port, user, password, database } = settings;
const address = (table: string, name: string = user): string =>
  `mysql://${name}@${host}:${port}/${database}?table=${table}`;
const passwords = { TOKENKEEP_FROM_PASSWORD: password, TOKENKEEP_TO_PASSWORD: password };

let number = 0;
let target: string;
beforeEach(() => {
  target = `target_${++number}`;
});
const path = (): string => join(folder, target);

/** Runs an import, and expects that nothing of a secret is shown. */
async function run(from: string, to: string, ...more: readonly string[]): Promise<TokenkeepRun> {
  const ended = await runTokenkeep(['import', '--from', from, '--to', to, ...more], { env: passwords });
  for (const secret of [...secretsOf(rows), password]) expect(ended.stdout + ended.stderr).not.toContain(secret);
  return ended;
}

async function withStore<Result>(
  backend: ClosableRecordBackend,
  work: (store: EncryptedTokenStore) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(new EncryptedTokenStore({ backend, keyring: importKeyring(cliKeyring) }));
  } finally {
    await backend.close();
  }
}

const stored = (backend: ClosableRecordBackend) =>
  withStore(backend, async (store) => (await store.getTokens()).toSorted((a, b) => a.id.localeCompare(b.id)));
const storedHere = () => stored(mysqlBackend({ ...settings, table: target }));

/** What is expected of a row. */
function tokenOf(
  { user: userName, clientId, clientSecret, refresh, access, grant, expiry, redirect, domain }: ZohoRow,
  id: string,
) {
  return {
    ...{ id, userName, clientId, clientSecret, refreshToken: refresh, accessToken: access, grantToken: grant },
    ...{ expiresAt: Number(expiry), redirectUrl: redirect, apiDomain: domain, issuer: 'https://accounts.zoho.eu' },
    ...{ tokenType: 'Zoho-oauthtoken', revision: 1 },
  };
}

const rows = ['ann@example.com:60001', 'bob@example.com:60002', 'Jörg Ölçer of Example'].map((name) => zohoRow(name));
const expected = rows.map((row, i) => tokenOf(row, String(i + 1)));

/** Lets the SDK's own `DBStore` write Zoho's table. */
async function dbStore(): Promise<string> {
  await connection.query(`DROP TABLE IF EXISTS oauthtoken; ${zohoTable}`);
  const store = new sdk.DBStore(host, database, 'oauthtoken', user, password, port);
  for (const row of rows) await store.saveToken(sdkToken(row));
  return address('oauthtoken');
}

const content = async () =>
  (await connection.query('SELECT * FROM oauthtoken ORDER BY id; CHECKSUM TABLE oauthtoken'))[0];

describe('tokenkeep import between MySQL and others', { timeout: 60_000 }, () => {
  const sources = {
    file: async () => {
      await sdkFile(`${path()}.source`, rows);
      return `file:${path()}.source`;
    },
    sqlite: async () => {
      sqliteFile(`${path()}.source`, rows);
      return `sqlite:${path()}.source`;
    },
    mysql: dbStore,
  };

  test.each(['file', 'sqlite', 'mysql'] as const)('brings a store of Zoho’s in a %s into a table', async (kind) => {
    const from = await sources[kind]();
    const dry = await run(from, address(target));
    expect(dry).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('3  imported') });
    const [tables] = await connection.query(`SHOW TABLES LIKE '${target}'`);
    expect(tables).toEqual([]);
    expect(await run(from, address(target), '--write')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('3 as written'),
    });
    expect(await storedHere()).toEqual(expected);
    const again = await run(from, address(target), '--write', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      outcomes: { unchanged: 3, imported: 0 },
      numbering: kind === 'file' ? 'line' : 'row',
    });
    expect(JSON.parse((await run(from, address(target), '--json')).stdout)).toMatchObject({
      outcomes: { unchanged: 3 },
    });
    expect(await storedHere()).toEqual(expected);
  });

  test.each(['file', 'sqlite'])(
    'brings a table of the SDK’s DBStore into a %s, and leaves it as it is',
    async (kind) => {
      const from = await dbStore();
      const before = await content();
      expect(await run(from, `${kind}:${path()}`, '--write')).toMatchObject({ code: 0, stderr: '' });
      expect(await stored(kind === 'file' ? fileBackend(path()) : sqliteBackend(path()))).toEqual(expected);
      expect(await content()).toEqual(before);
    },
  );

  test('reads whatever a table holds, with columns of its own and older types', async () => {
    await connection.query(`DROP TABLE IF EXISTS oauthtoken; CREATE TABLE oauthtoken (
      created TIMESTAMP DEFAULT CURRENT_TIMESTAMP, id INT PRIMARY KEY AUTO_INCREMENT, user_mail VARCHAR(255) CHARACTER SET latin1,
      client_id TEXT, client_secret VARBINARY(255), refresh_token VARCHAR(255), access_token VARCHAR(255),
      grant_token VARCHAR(255), expiry_time BIGINT, redirect_url VARCHAR(255))`);
    const columns =
      'user_mail, client_id, client_secret, refresh_token, access_token, grant_token, expiry_time, redirect_url';
    const [, ...cells] = cellsOf({ ...rows[0], user: 'Jörg', domain: '' } as ZohoRow).slice(0, 9);
    const insert = `INSERT INTO oauthtoken (${columns}) VALUES (?)`;
    await connection.query(insert, [cells]);
    await connection.query(insert, [[...cells.slice(0, 2), Buffer.of(0xff), ...cells.slice(3)]]);
    const report = await run(address('oauthtoken'), address(target), '--write', '--json', '--data-center', 'eu');
    expect(report.code).toBe(3);
    expect(JSON.parse(report.stdout)).toMatchObject({ remarks: [{ row: 2, reason: 'is not UTF-8' }] });
    const { apiDomain: _, ...token } = tokenOf({ ...rows[0], user: 'Jörg' } as ZohoRow, '1');
    expect(await storedHere()).toEqual([token]);
  });

  test('needs no right but SELECT on the source, and sees it as it is at one moment', async () => {
    await dbStore();
    const reader = await addUser('SELECT');
    const env = { ...passwords, TOKENKEEP_FROM_PASSWORD: reader.password };
    const args = ['import', '--from', address('oauthtoken', reader.user), '--to', `file:${path()}`, '--write'];
    expect(await runTokenkeep(args, { env })).toMatchObject({ code: 0, stderr: '' });
  });

  test('keeps what the application has renewed since, and goes on after SIGKILL without doubling anything', async () => {
    const many = Array.from({ length: 250 }, (_, i) =>
      zohoRow(`user${i}@example.com:1`, { id: String(i + 1).padStart(3, '0') }),
    );
    const source = `${path()}.source`;
    await sdkFile(source, many.slice(0, 1));
    sqliteFile(source, many);
    const args = ['import', '--from', `sqlite:${source}`, '--to', address(target), '--write', '--json'];
    const { child, ended } = startTokenkeep(args, { env: passwords });
    child.stderr?.on('data', (chunk: Buffer) => chunk.includes('Importing 200') && child.kill('SIGKILL'));
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
    const renewed = { accessToken: 'renewed', expiresAt: Date.now() + 7_200_000 };
    await withStore(mysqlBackend({ ...settings, table: target }), (store) =>
      store.saveToken({ id: '001', ...renewed }),
    );
    const { stdout } = await runTokenkeep(args, { env: passwords });
    const { outcomes, remarks } = JSON.parse(stdout);
    expect(outcomes.kept).toBe(1);
    expect(outcomes.unchanged).toBeGreaterThanOrEqual(199);
    expect(outcomes.imported + outcomes.unchanged).toBe(249);
    expect(remarks).toEqual([{ row: 1, outcome: 'kept', reason: 'the target has a newer token' }]);
    const tokens = await storedHere();
    expect(tokens.map(({ id, revision }) => `${id} ${revision}`)).toEqual(
      many.map(({ id }) => `${id} ${id === '001' ? 2 : 1}`),
    );
  });
});

/** Another source than Zoho's table, or another password than its own. */
interface WrongSource {
  readonly from?: string;
  readonly secret?: string;
}

describe('what is wrong with a server is said without a secret', { timeout: 60_000 }, () => {
  const nowhere = () => `file:${path()}`;

  const wrongSources: readonly [what: string, message: string, make: () => Promise<WrongSource>][] = [
    ['a wrong password', 'check user and password', async () => ({ secret: 'hunter2-hunter2' })],
    ['no password', 'check user and password', async () => ({ secret: '' })],
    ['no such database', 'no such database', async () => ({ from: address('x').replace(database, 'nothing_here') })],
    ['no such table', 'no such table', async () => ({ from: address('nothing_here') })],
    ['a name that is none', 'no plain name', async () => ({ from: address('a%60%3B DROP TABLE b') })],
    [
      'missing rights',
      'grant it SELECT',
      async () => {
        const other = await addUser('INSERT');
        return { from: address('oauthtoken', other.user), secret: other.password };
      },
    ],
    [
      'other columns',
      'other columns',
      async () => {
        await connection.query('CREATE TABLE others (id INT, user_name TEXT)');
        return { from: address('others') };
      },
    ],
  ];

  test.each(wrongSources)('the source: %s', async (_, message, make) => {
    await dbStore();
    const { from = address('oauthtoken'), secret = password } = await make();
    const env = { ...passwords, TOKENKEEP_FROM_PASSWORD: secret };
    const ended = await runTokenkeep(['import', '--from', from, '--to', nowhere()], { env });
    expect(ended).toMatchObject({ code: 4, stdout: '', stderr: expect.stringMatching(/^--from: [^\n]*\n$/) });
    expect(ended.stderr).toContain(message);
    for (const hidden of [password, secret || password]) expect(ended.stderr).not.toContain(hidden);
  });

  test('a password that was forgotten: names the variable that it belongs in, and not one that is set', async () => {
    const mysql = await dbStore();
    const args = ['import', '--from', mysql, '--to', `file:${path()}`];
    const from = await runTokenkeep(args);
    expect(from).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/user may connect; TOKENKEEP_FROM_PASSWORD is not set$/m),
    });
    const wrong = await runTokenkeep(args, { env: { TOKENKEEP_FROM_PASSWORD: 'hunter2-hunter2' } });
    expect(wrong.stderr).not.toContain('TOKENKEEP_FROM_PASSWORD');
    const env = { TOKENKEEP_FROM_PASSWORD: password };
    for (const more of [[], ['--write']]) {
      const to = await runTokenkeep(['import', '--from', mysql, '--to', address(target), ...more], { env });
      expect(to).toMatchObject({ code: 4, stderr: expect.stringContaining('; TOKENKEEP_TO_PASSWORD is not set') });
    }
  });

  test('the target: a wrong password, missing rights, no right to make the table', async () => {
    const from = await dbStore();
    const wrong = { ...passwords, TOKENKEEP_TO_PASSWORD: 'hunter2-hunter2' };
    for (const more of [[], ['--write']]) {
      const ended = await runTokenkeep(['import', '--from', from, '--to', address(target), ...more], { env: wrong });
      expect(ended).toMatchObject({ code: 4, stderr: expect.stringMatching(/^--to: [^\n]*check user and password/) });
      expect(ended.stdout + ended.stderr).not.toContain('hunter2');
    }
    const reader = await addUser('SELECT');
    const env = { ...passwords, TOKENKEEP_TO_PASSWORD: reader.password };
    const args = ['import', '--from', from, '--to', address(target, reader.user)];
    expect(await runTokenkeep(args, { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('3  imported'),
    });
    const unmade = await runTokenkeep([...args, '--write'], { env });
    expect(unmade).toMatchObject({ code: 4, stderr: expect.stringMatching(/^--to: [^\n]*right/) });
    await withStore(mysqlBackend({ ...settings, table: target }), (store) => store.getTokens());
    const unwritten = await runTokenkeep([...args, '--write'], { env });
    expect(unwritten).toMatchObject({ code: 4, stderr: expect.stringMatching(/^--to: [^\n]*right/) });
    expect(await storedHere()).toEqual([]);
  });

  test('DB: the table of a DBStore is never taken for a target', async () => {
    const from = await dbStore();
    const before = await content();
    const other = from.replace('127.0.0.1', 'localhost');
    for (const to of [from, other, from.replace('?table=oauthtoken', '')]) {
      const ended = await run(from, to, '--write');
      expect(ended).toMatchObject({ code: 4, stderr: expect.stringContaining('--to is the source itself') });
    }
    await sdkFile(`${path()}.source`, rows);
    for (const more of [[], ['--write']]) {
      const ended = await run(`${path()}.source`, from, ...more);
      expect(ended).toMatchObject({ code: 4, stderr: expect.stringMatching(/^--to: .*table/) });
    }
    expect(await content()).toEqual(before);
  });
});
