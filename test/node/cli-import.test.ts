import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as sdk from '@zohocrm/typescript-sdk-8.0';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { zohoTokenStore } from '../../src/integrations/zoho/zoho-token-store.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { cliKeyring, runTokenkeep, startTokenkeep, type TokenkeepRun } from '../support/run-tokenkeep.ts';
import {
  pythonFile,
  sdkFile,
  secretsOf,
  sqliteFile,
  typescriptFile,
  type ZohoRow,
  zohoRow,
} from '../support/zoho-sources.ts';

const root = mkdtempSync(join(tmpdir(), 'tokenkeep-cli-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 't'));
});
const at = (name: string): string => join(folder, name);

/** Does something with the tokens of a target, through nothing that the command line has left. */
async function withStore<Result>(to: string, work: (store: EncryptedTokenStore) => Promise<Result>): Promise<Result> {
  const path = to.slice(to.indexOf(':') + 1);
  const backend = to.startsWith('file:') ? fileBackend(path) : sqliteBackend(path);
  try {
    return await work(new EncryptedTokenStore({ backend, keyring: importKeyring(cliKeyring) }));
  } finally {
    await backend.close();
  }
}

const stored = (to: string): Promise<readonly SavedToken[]> =>
  withStore(to, async (store) => (await store.getTokens()).toSorted((a, b) => a.id.localeCompare(b.id)));

/** What is expected of a row. */
function tokenOf(
  { user, clientId, clientSecret, refresh, access, grant, expiry, redirect, domain }: ZohoRow,
  id: string,
) {
  return {
    ...{ id, userName: user, clientId, clientSecret, refreshToken: refresh, accessToken: access, grantToken: grant },
    ...{ expiresAt: Number(expiry), redirectUrl: redirect, apiDomain: domain, issuer: 'https://accounts.zoho.eu' },
    ...{ tokenType: 'Zoho-oauthtoken', revision: 1 },
  };
}

function expectNoSecret({ stdout, stderr }: TokenkeepRun, secrets: readonly string[]): void {
  expect(secrets.length).toBeGreaterThan(0);
  for (const secret of [...secrets, cliKeyring]) expect(stdout + stderr).not.toContain(secret);
}

const rows = ['ann@example.com:60001', 'bob@example.com:60002', "Conan O'Brien"].map((user) => zohoRow(user));
const sources = {
  'a FileStore for TypeScript': async () => {
    await sdkFile(at('source'), rows);
    return at('source');
  },
  'a FileStore for Python': async () => {
    writeFileSync(at('source'), pythonFile(rows.map((row, i) => ({ id: String(i + 1), ...row }))));
    return `file:${at('source')}`;
  },
  'an SQLite database': async () => {
    sqliteFile(at('source'), rows);
    return `sqlite:${at('source')}`;
  },
};
const pairs = Object.entries(sources).flatMap(([name, make]) =>
  ['file', 'sqlite'].map((to) => [name, to, make] as const),
);

describe('tokenkeep import', { timeout: 60_000 }, () => {
  test.each(pairs)('brings %s into a %s, and changes nothing the second time', async (_, kind, make) => {
    const from = await make();
    const to = `${kind}:${at('target')}`;
    const state = () => [readFileSync(at('source')), statSync(at('source'), { bigint: true }).mtimeNs];
    const before = state();

    const dry = await runTokenkeep(['import', '--from', from, '--to', to]);
    expect(dry).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/Dry run: nothing was written[\s\S]* 3 {2}imported/),
    });
    expect(existsSync(at('target'))).toBe(false);

    const done = await runTokenkeep(['import', '--from', from, '--to', to, '--write']);
    expect(done).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('3 as written') });
    const tokens = await stored(to);
    expect(tokens).toEqual(rows.map((row, i) => tokenOf(row, String(i + 1))));

    const again = await runTokenkeep(['import', '--from', from, '--to', to, '--write', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ outcomes: { unchanged: 3, imported: 0 }, remarks: [] });
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(await stored(to)).toEqual(tokens);
    for (const run of [dry, done, again]) expectNoSecret(run, secretsOf(rows));
    expect(state()).toEqual(before);
  });

  test('lets the application go on with the SDK: by id, by user, and by the grant it spent long ago', async () => {
    const to = `file:${at('target')}`;
    await runTokenkeep(['import', '--from', await sources['a FileStore for TypeScript'](), '--to', to, '--write']);
    await withStore(to, async (store) => {
      const adapter = zohoTokenStore(store, sdk);
      expect((await adapter.findTokenById('2')).getRefreshToken()).toBe(rows[1]?.refresh);
      const { user = '', grant = '', clientId = '', clientSecret = '' } = rows[0] as ZohoRow;
      const asked = new sdk.OAuthBuilder();
      const byUser = (await asked.userSignature(new sdk.UserSignature(user)).build()) as sdk.OAuthToken;
      expect((await adapter.findToken(byUser))?.getId()).toBe('1');
      const builder = new sdk.OAuthBuilder();
      const byGrant = (await builder
        .grantToken(grant)
        .clientId(clientId)
        .clientSecret(clientSecret)
        .build()) as sdk.OAuthToken;
      expect((await adapter.findToken(byGrant))?.getId()).toBe('1');
    });
  });

  test('tells of every row that it cannot take as it is, by its line and without quoting it', async () => {
    const mallory = zohoRow('mallory@example.com:66666', { id: '3' });
    const strange: ZohoRow[] = [
      zohoRow('ann@example.com:60001', { id: '1' }),
      zohoRow('Doe, John of Example', { id: '2' }),
      { ...mallory, domain: 'https://evil.example.com' },
      zohoRow('nan@example.com:60004', { id: '4', expiry: 'NaN' }),
      zohoRow('one@example.com:60005', { id: '5' }),
      zohoRow('two@example.com:60006', { id: '5' }),
      { id: '7', user: 'empty@example.com:60007', domain: 'https://www.zohoapis.eu' },
      zohoRow('ann@example.com:60001', { id: '8', expiry: String(Date.now() + 3_700_000) }),
      zohoRow('old@example.com:60009', { id: '9', domain: '' }),
      zohoRow('long@example.com:60010', { id: '10', redirect: `https://app.example/${'x'.repeat(5000)}` }),
    ];
    writeFileSync(at('source'), typescriptFile(strange));
    const run = (...more: string[]) =>
      runTokenkeep(['import', '--from', at('source'), '--to', `file:${at('target')}`, '--data-center', 'eu', ...more]);
    const { stdout } = await run('--json');
    expect(JSON.parse(stdout)).toEqual({
      wrote: false,
      numbering: 'line',
      rows: 10,
      outcomes: { imported: 5, updated: 0, merged: 1, unchanged: 0, kept: 0, skipped: 4 },
      interrupted: false,
      remarks: [
        { row: 2, outcome: 'merged', others: [9] },
        { row: 3, outcome: 'skipped', reason: expect.stringContaining('comma') },
        { row: 4, outcome: 'skipped', reason: expect.stringContaining('api_domain') },
        { row: 5, outcome: 'imported', notes: [expect.stringContaining('expiry_time')] },
        { row: 6, outcome: 'imported', notes: [expect.stringContaining('same one')] },
        { row: 7, outcome: 'imported', notes: [expect.stringContaining('same one')] },
        { row: 8, outcome: 'skipped', reason: expect.stringContaining('no token') },
        { row: 9, outcome: 'imported', others: [2] },
        { row: 11, outcome: 'skipped', reason: expect.stringContaining('longer') },
      ],
    });
    const written = await run('--write');
    expect(written.code).toBe(3);
    expect(written.stdout).toContain('line 3, skipped: has more cells than columns: a value holds a comma.');
    expect(written.stdout).toContain('line 9, imported: same user as line 2.');
    expectNoSecret(written, [...secretsOf(strange), 'evil.example']);
    expect((await stored(`file:${at('target')}`)).map(({ userName }) => userName?.slice(0, 3)).sort()).toEqual([
      'ann',
      'nan',
      'old',
      'one',
      'two',
    ]);
  });

  test('keeps what the application has renewed since', async () => {
    const to = `sqlite:${at('target')}`;
    const args = ['import', '--from', await sources['an SQLite database'](), '--to', to, '--write'];
    await runTokenkeep(args);
    const renewed = { accessToken: 'renewed', expiresAt: Date.now() + 7_200_000 };
    await withStore(to, (store) => store.saveToken({ id: '1', ...renewed }));
    const run = await runTokenkeep(args);
    expect(run).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('row 1, kept: the target has a newer token.'),
    });
    expect((await stored(to))[0]).toMatchObject({ ...renewed, revision: 2 });
  });

  test.each(['file', 'sqlite'])(
    'overwrites and doubles nothing that an application saves meanwhile, in a %s',
    async (kind) => {
      const to = `${kind}:${at('target')}`;
      const some = Array.from({ length: 150 }, (_, i) => zohoRow(`user${i}@example.com:60001`, { id: String(i) }));
      writeFileSync(at('source'), typescriptFile(some));
      const { child, ended } = startTokenkeep(['import', '--from', at('source'), '--to', to, '--write', '--json']);
      const saved = new Set<string>();
      await withStore(to, async (store) => {
        // from the other end, so that the two meet
        for (const { user: userName, clientId } of some.toReversed()) {
          if (userName === undefined || clientId === undefined || child.exitCode !== null) break;
          const renewed = { accessToken: `renewed ${userName}`, expiresAt: Date.now() + 7_200_000 };
          await store.saveToken({ userName, clientId, issuer: 'https://accounts.zoho.eu', ...renewed });
          saved.add(userName);
        }
      });
      const { stdout, code } = await ended;
      expect(code, stdout).toBe(0);
      const tokens = await stored(to);
      expect(tokens.map(({ userName }) => userName).sort()).toEqual(some.map(({ user }) => user).sort());
      for (const { userName = '', accessToken } of tokens) {
        if (saved.has(userName)) expect(accessToken).toBe(`renewed ${userName}`);
      }
      expect(saved.size).toBeGreaterThanOrEqual(JSON.parse(stdout).outcomes.kept);
      expect(saved.size).toBeGreaterThan(0);
    },
  );

  test('keeps tenants apart', async () => {
    const to = `file:${at('target')}`;
    const from = await sources['a FileStore for TypeScript']();
    await runTokenkeep(['import', '--from', from, '--to', to, '--write', '--tenant', 'crm']);
    expect(await stored(to)).toEqual([]);
  });
});

describe('an import that is cut off', { timeout: 60_000 }, () => {
  const many = Array.from({ length: 250 }, (_, i) => zohoRow(`user${i}@example.com:60001`, { id: String(i + 1) }));

  async function cutOff(to: string, signal: NodeJS.Signals, after: string): Promise<TokenkeepRun> {
    const { child, ended } = startTokenkeep(['import', '--from', at('source'), '--to', to, '--write']);
    child.stderr?.on('data', (chunk: Buffer) => {
      if (chunk.includes(after)) child.kill(signal);
    });
    return ended;
  }

  test.each(['file', 'sqlite'])('by SIGKILL goes on, and nothing is there twice: into a %s', async (kind) => {
    writeFileSync(at('source'), typescriptFile(many));
    const to = `${kind}:${at('target')}`;
    for (const after of ['Importing 100 of', 'Importing 200 of']) {
      expect(await cutOff(to, 'SIGKILL', after)).toMatchObject({ signal: 'SIGKILL', stdout: '' });
    }
    const between = (await stored(to)).length;
    expect(between).toBeGreaterThanOrEqual(200);
    const { stdout } = await runTokenkeep(['import', '--from', at('source'), '--to', to, '--write', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      outcomes: { imported: many.length - between, unchanged: between },
      verification: { verified: many.length - between, mismatches: [] },
    });
    const ids = (await stored(to)).map(({ id, revision }) => `${id} ${revision}`);
    expect(ids.sort()).toEqual(many.map(({ id }) => `${id} 1`).sort());
  });

  test('by Ctrl-C ends after the row it is at, says how to go on, and goes on', async () => {
    writeFileSync(at('source'), typescriptFile(many));
    const to = `file:${at('target')}`;
    const run = await cutOff(to, 'SIGINT', 'Importing 100 of');
    expect(run).toMatchObject({
      code: 130,
      stdout: expect.stringContaining('Interrupted. Run the same command again'),
    });
    expectNoSecret(run, secretsOf(many));
    const reported = Number(/(\d+) {2}imported/.exec(run.stdout)?.[1]);
    expect((await stored(to)).length).toBe(reported);
    expect(reported).toBeLessThan(many.length);
    const again = await runTokenkeep(['import', '--from', at('source'), '--to', to, '--write']);
    expect(again.code).toBe(0);
    expect(await stored(to)).toHaveLength(many.length);
  });

  test('by a second Ctrl-C ends at once', async () => {
    writeFileSync(at('source'), typescriptFile(many));
    const { child, ended } = startTokenkeep([
      'import',
      '--from',
      at('source'),
      '--to',
      `file:${at('target')}`,
      '--write',
    ]);
    await once(child.stderr as NonNullable<typeof child.stderr>, 'data');
    child.kill('SIGINT');
    child.kill('SIGINT');
    const { code, signal } = await ended;
    expect([code, signal]).toSatisfy(([left, right]) => left === 130 || right === 'SIGINT');
  });

  test('by a full disk says so, and leaves what was done', async () => {
    writeFileSync(at('source'), typescriptFile(many));
    const to = `file:${at('target')}`;
    // bash counts in kibibytes; a record takes more than one
    const script = `trap '' XFSZ; ulimit -f 64; exec "$0" "$@"`;
    const args = ['import', '--from', at('source'), '--to', to, '--write'];
    const { code, stdout, stderr } = await runTokenkeep(args, { through: ['bash', '-c', script] });
    expect(code).toBe(5);
    expect(stderr).toMatch(/^--to: there is no room left for the file; make room, then try again$/m);
    const done = Number(/(\d+) {2}imported/.exec(stdout)?.[1]);
    expect(done).toBeGreaterThan(0);
    expect(await stored(to)).toHaveLength(done);
  });
});

describe('what is wrong is said without a secret, and by the exit code', { timeout: 60_000 }, () => {
  const password = 'hunter2-hunter2-hunter2';
  const good = async () => ['--from', await sources['a FileStore for TypeScript'](), '--to', `file:${at('target')}`];

  async function expectFailure(args: readonly string[], code: number, message: string, env: NodeJS.ProcessEnv = {}) {
    const run = await runTokenkeep(args, { env });
    expect(run.stderr).toContain(message);
    expect(run.code).toBe(code);
    expect(run.stdout + run.stderr).not.toContain(password);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
    expectNoSecret(run, secretsOf(rows));
    return run;
  }

  test.each([
    [['import', '--from', 'x'], "required option '--to <place>' not specified"],
    [['import', '--from', 'x', '--to', 'y', `--password=${password}`], 'there is no option --password'],
    [['import', '--from', 'x', '--to', 'y', `-p${password}`], 'there is an option that is not known'],
    [['import', '--from', 'x', '--to', 'y', password], 'there is more on the command line'],
    [['import', '--from', 'x', '--to', 'y', '--data-center', password], 'Allowed choices are us, eu'],
    [[password], 'there is no such command'],
  ])('a command line that cannot be read: %j', async (args, message) => {
    await expectFailure(args, 2, message);
  });

  test('a password in an address', async () => {
    const address = `mysql://root:${password}@db.example/zohooauth`;
    await expectFailure(['import', '--from', address, '--to', 'file:x'], 4, 'put it into TOKENKEEP_FROM_PASSWORD');
    await expectFailure(['import', '--from', 'x', '--to', address], 4, 'put it into TOKENKEEP_TO_PASSWORD');
  });

  test('a keyring that is missing or malformed', async () => {
    const args = ['import', ...(await good())];
    await expectFailure(args, 4, 'TOKENKEEP_KEYRING: the keyring is missing', { TOKENKEEP_KEYRING: '' });
    await expectFailure(args, 4, 'TOKENKEEP_KEYRING: the keyring is not JSON', { TOKENKEEP_KEYRING: password });
  });

  test('a keyring of another target', async () => {
    const args = ['import', ...(await good()), '--write'];
    await runTokenkeep(args);
    const { generateKeyring } = await import('../../src/crypto/generate-keyring.ts');
    const run = await runTokenkeep(args, { env: { TOKENKEEP_KEYRING: await generateKeyring() } });
    expect(run).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringMatching(/^--to: .*key.*; then run it again$/m),
    });
    expect(await stored(`file:${at('target')}`)).toHaveLength(3);
  });

  test('a target that is the source, whatever links lead to it', async () => {
    const from = await sources['a FileStore for TypeScript']();
    symlinkSync(from, at('link'));
    for (const to of [`file:${from}`, `file:${at('link')}`, `sqlite:${from}`]) {
      await expectFailure(['import', '--from', from, '--to', to, '--write'], 4, '--to is the source itself');
    }
    const before = readFileSync(from);
    for (const to of ['mysql://root@localhost/crm', 'mysql://127.0.0.1:3306/CRM?table=oauthtoken']) {
      await expectFailure(['import', '--from', 'mysql://localhost/crm', '--to', to], 4, '--to is the source itself');
    }
    expect(readFileSync(from)).toEqual(before);
  });

  test('a source that is none', async () => {
    writeFileSync(at('picture'), Buffer.from('ffd8ffe000104a464946', 'hex'));
    const to = `file:${at('target')}`;
    await expectFailure(
      ['import', '--from', at('picture'), '--to', to],
      4,
      "--from: the source is no FileStore of Zoho's",
    );
    await expectFailure(['import', '--from', at('nothing'), '--to', to], 4, '--from: there is no such file');
    await expectFailure(['import', '--from', folder, '--to', to], 4, '--from: this is a folder');
    await expectFailure(
      ['import', '--from', `sqlite:${at('picture')}`, '--to', to],
      4,
      '--from: this is not an SQLite',
    );
    expect(existsSync(at('target'))).toBe(false);
  });

  test('a target that fails before anything was compared, without a table of nothing but naming the rows skipped', async () => {
    const to = `sqlite:${at('none/x.db')}`;
    const from = await sources['a FileStore for TypeScript']();
    expect(await runTokenkeep(['import', '--from', from, '--to', to, '--write'])).toMatchObject({
      code: 4,
      stdout: '',
    });
    writeFileSync(at('source'), typescriptFile([...rows, zohoRow('Doe, John')]));
    const run = await runTokenkeep(['import', '--from', from, '--to', to, '--write']);
    expect(run).toMatchObject({
      code: 4,
      stdout: 'line 5, skipped: has more cells than columns: a value holds a comma.\n',
    });
  });

  test('a target that holds something else, with and without --write', async () => {
    const from = await sources['a FileStore for TypeScript']();
    writeFileSync(at('other'), 'my diary');
    for (const kind of ['file', 'sqlite']) {
      for (const more of [[], ['--write']]) {
        const run = await runTokenkeep(['import', '--from', from, '--to', `${kind}:${at('other')}`, ...more]);
        expect(run).toMatchObject({ code: 4, stderr: expect.stringMatching(/^--to: /) });
      }
    }
    expect(readFileSync(at('other'), 'utf8')).toBe('my diary');
  });

  test('an SQLite target of another application gets no table in a dry run', async () => {
    const from = await sources['a FileStore for TypeScript']();
    sqliteFile(at('other.db'), []);
    const before = readFileSync(at('other.db'));
    const dry = await runTokenkeep(['import', '--from', from, '--to', `sqlite:${at('other.db')}`]);
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('3  imported') });
    expect(readFileSync(at('other.db'))).toEqual(before);
    await expectFailure(
      ['import', '--from', from, '--to', `sqlite:${at('none/x.db')}`],
      4,
      '--to: the folder of the file',
    );
  });

  test('an SQLite target has no file beside it after a dry run, however that ends', async () => {
    const from = await sources['a FileStore for TypeScript']();
    const args = ['import', '--from', from, '--to', `sqlite:${at('target')}`];
    await runTokenkeep([...args, '--write']);
    const before = readFileSync(at('target'));
    const { generateKeyring } = await import('../../src/crypto/generate-keyring.ts');
    for (const [code, env] of [
      [0, {}],
      [4, { TOKENKEEP_KEYRING: await generateKeyring() }],
    ] as const) {
      expect(await runTokenkeep(args, { env })).toMatchObject({ code });
      expect(readdirSync(folder).sort()).toEqual(['source', 'target']);
      expect(readFileSync(at('target'))).toEqual(before);
    }
  });

  test('a target that may not be written', async () => {
    const from = await sources['a FileStore for TypeScript']();
    // not even root may make a file here
    const run = await runTokenkeep(['import', '--from', from, '--to', 'file:/sys/tokenkeep', '--write']);
    expect(run).toMatchObject({ code: 5, stderr: expect.stringContaining('right to read and write the file') });
    if (process.getuid?.() === 0) return;
    chmodSync(from, 0);
    await expectFailure(
      ['import', '--from', from, '--to', `file:${at('target')}`],
      4,
      '--from: this user may not read',
    );
  });

  test('a target that is locked', async () => {
    const from = await sources['a FileStore for TypeScript']();
    const to = `sqlite:${at('target')}`;
    await runTokenkeep(['import', '--from', from, '--to', to, '--write']);
    await withStore(to, (store) => store.deleteTokens());
    const holder = new DatabaseSync(at('target'));
    holder.exec('BEGIN EXCLUSIVE');
    const run = await runTokenkeep(['import', '--from', from, '--to', to, '--write']);
    holder.close();
    expect(run).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringMatching(/^--to: the database is locked.*change$/m),
    });
  });

  test('a name of a table that --write would refuse, also without it and before the server is asked', async () => {
    const from = await sources['a FileStore for TypeScript']();
    for (const more of [[], ['--write']]) {
      const args = ['import', '--from', from, '--to', 'mysql://root@127.0.0.1:1/t?table=a-b', ...more];
      await expectFailure(args, 4, '--to: table is no plain name');
    }
  });

  test('a server that cannot be reached', async () => {
    const from = await sources['a FileStore for TypeScript']();
    const server = 'mysql://root@127.0.0.1:1/zohooauth';
    for (const more of [[], ['--write']]) {
      const run = await runTokenkeep(['import', '--from', from, '--to', server, ...more]);
      expect(run).toMatchObject({ code: 5, stderr: expect.stringContaining('cannot be reached') });
    }
    await expectFailure(['import', '--from', server, '--to', `file:${at('target')}`], 5, '--from: the server cannot');
  });

  test('with --json as JSON', async () => {
    const run = await runTokenkeep(['import', '--from', at('nothing'), '--to', 'file:x', '--json']);
    expect(run).toMatchObject({ code: 4, stderr: '' });
    const message = '--from: there is no such file; check the path';
    expect(JSON.parse(run.stdout)).toEqual({ failure: { code: 'E_CONFIG', message } });
  });
});
