import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { OneTimeStore } from '../../src/store/one-time-store.ts';
import { cliFolder, cliKeyrings, fill, keyringFile, keysOf, runQuietly, secretsOfUser } from '../support/cli-rig.ts';

const hour = 3_600_000;

/** An SQLite file with five tokens and three signs-in under way, one of which is over. */
async function filled(): Promise<{ path: string; place: string; setting: string; folder: string; keyring: string }> {
  const at = cliFolder();
  const setting = await generateKeyring();
  const backend = sqliteBackend(at('tokens.db'));
  await fill(backend, setting, 5);
  const store = new OneTimeStore({ backend, keyring: importKeyring(setting), tenant: 'acme', collection: 'login' });
  const now = Date.now();
  await store.add('first', 1, now + hour / 2);
  await store.add('second', 2, now + 5 * hour);
  await store.add('third', 3, now + 100 * hour);
  await backend.close();
  const keyring = keyringFile(at('keyring.json'), setting);
  return { path: at('tokens.db'), place: `sqlite:${at('tokens.db')}`, setting, folder: at('.'), keyring };
}

/** Lets somebody who can write the database do so. */
function alter(path: string, sql: string, ...values: string[]): void {
  const database = new DatabaseSync(path);
  expect(database.prepare(sql).run(...values).changes).toBe(1);
  database.close();
}

const keyless = { env: { TOKENKEEP_KEYRING: '' } };

describe('tokenkeep inspect', () => {
  test('shows what is at rest without a key, and changes nothing', async () => {
    const { path, place, setting, folder } = await filled();
    const before = [readFileSync(path), readdirSync(folder)];
    const [key] = await keysOf(setting);
    const run = await runQuietly(['inspect', place], { ...keyless, secrets: [setting] });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('8 records. Sealed bytes:');
    expect(run.stdout).toMatch(/^acme\/login +3 +338 +338 +338$/m);
    expect(run.stdout).toMatch(/^default\/tokens +5 +338 +338 +338$/m);
    expect(run.stdout).toMatch(new RegExp(`^${key?.keyId} +8 +8$`, 'm'));
    expect(run.stdout).toMatch(/^acme\/login +0 +1 +1 +1 +0$/m);
    const json = JSON.parse((await runQuietly(['inspect', place, '--json'], keyless)).stdout);
    expect(json).toMatchObject({
      records: 8,
      partitions: [
        { partition: 'acme/login', records: 3, sizes: { smallest: 338, median: 338, largest: 338 } },
        { partition: 'default/tokens', records: 5, expiries: { never: 5, expired: 0 } },
      ],
      keys: [{ keyId: key?.keyId, indexKeyId: key?.keyId, records: 8 }],
    });
    expect(json).not.toHaveProperty('rows');
    expect([readFileSync(path), readdirSync(folder)]).toEqual(before);
  });

  test('lists records, and with the keyring their fields, but no value', async () => {
    const { place, setting, keyring } = await filled();
    const listed = await runQuietly(['inspect', place, '--records', '--json'], { ...keyless, secrets: [setting] });
    const { rows } = JSON.parse(listed.stdout);
    expect(rows).toHaveLength(8);
    expect(rows[3]).toMatchObject({ partition: 'default/tokens', id: 'id-0', revision: 1, size: 338, expiresAt: 0 });
    expect(rows[3]).not.toHaveProperty('fields');
    const options = { ...keyless, secrets: [setting] };
    const opened = await runQuietly(['inspect', place, '--decrypt', '--keyring', keyring], options);
    expect(opened.stdout).toContain(
      `default/tokens id-1: revision 1, 338 bytes, key ${(await keysOf(setting))[0]?.keyId}\n`,
    );
    expect(opened.stdout).toContain(`  refreshToken: text, ${secretsOfUser(1).refreshToken.length} characters\n`);
    expect(opened.stdout).toMatch(/^acme\/login .*, until \d{4}-/m);
    expect(opened.stdout).toMatch(/[0-9a-f]{8} +8 +8 +enabled/);
    const one = await runQuietly(['inspect', place, '--id', 'id-1', '--decrypt', '--json'], {
      env: { TOKENKEEP_KEYRING: setting },
      secrets: [setting],
    });
    expect(JSON.parse(one.stdout).fields).toContainEqual({ field: 'clientSecret', type: 'text', length: 22 });
  });

  test('reveals the one field that is named, of the one record that is named', async () => {
    const { place, setting, keyring } = await filled();
    const args = ['inspect', place, '--keyring', keyring, '--id', 'id-1'];
    const options = { secrets: [setting], prints: true } as const;
    const { userName, refreshToken } = secretsOfUser(1);
    expect(await runQuietly([...args, '--reveal', 'userName'], options)).toMatchObject({
      stdout: `${userName}\n`,
      code: 0,
    });
    const json = await runQuietly([...args, '--reveal', 'refreshToken', '--json'], options);
    expect(JSON.parse(json.stdout)).toEqual({ field: 'refreshToken', value: refreshToken });
    const quiet = { secrets: [setting] };
    const unknown = await runQuietly([...args, '--reveal', '*'], quiet);
    expect(unknown).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('no field of that name') });
    const absent = await runQuietly([...args, '--id', 'nobody', '--reveal', 'scope'], quiet);
    expect(absent).toMatchObject({ code: 4, stderr: expect.stringContaining('no record of that partition') });
    const all = await runQuietly(['inspect', place, '--reveal', 'userName', '--keyring', keyring], quiet);
    expect(all).toMatchObject({ code: 4, stderr: expect.stringContaining('--id') });
    const none = await runQuietly(['inspect', place, '--decrypt'], keyless);
    expect(none).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('the keyring is missing') });
  });

  test('lets no text of a hostile database steer the terminal', async () => {
    const { path, place, setting, keyring } = await filled();
    const evil = '\u001b]0;owned\u0007\u202egnp\\';
    alter(path, 'UPDATE tokenkeep_record SET id = ? WHERE id = ?', evil, 'id-1');
    alter(path, 'UPDATE tokenkeep_record SET partition = ? WHERE id = ?', `${evil}/x`, 'id-2');
    alter(path, 'UPDATE tokenkeep_record SET key_id = ? WHERE id = ?', evil, 'id-3');
    const runs = await Promise.all([
      runQuietly(['inspect', place, '--decrypt', '--keyring', keyring], { secrets: [setting] }),
      runQuietly(['scrub', '--in', place, '--keyring', keyring], { secrets: [setting] }),
    ]);
    for (const { stdout, stderr } of runs) {
      expect(stdout).toContain('\\u{1b}]0;owned\\u{7}\\u{202e}gnp\\u{5c}');
      expect(stdout + stderr).not.toMatch(/[^\n\P{C}]/u);
    }
    expect(runs.map(({ code }) => code)).toEqual([0, 7]);
  });

  test('ends quietly when whoever reads it has seen enough', async () => {
    const { place } = await filled();
    const head = ['bash', '--norc', '-c', 'set -o pipefail; "$@" | true', '--'];
    const run = await runQuietly(['inspect', place, '--records'], { ...keyless, through: head });
    expect(run).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('tokenkeep scrub', () => {
  test('finds nothing wrong with what is sound', async () => {
    const { path, place, setting, keyring } = await filled();
    const before = readFileSync(path);
    const run = await runQuietly(['scrub', '--in', place, '--keyring', keyring], { secrets: [setting] });
    expect(run).toMatchObject({ code: 0, stdout: '8 records opened; nothing is wrong.\n', stderr: '' });
    expect(readFileSync(path)).toEqual(before);
  });

  test('names what was altered by code, repairs what opens, and leaves the rest', async () => {
    const { path, place, setting, keyring } = await filled();
    alter(path, 'UPDATE tokenkeep_record SET revision = 7 WHERE id = ?', 'id-0');
    alter(path, 'UPDATE tokenkeep_record SET lookup_user_name = zeroblob(16) WHERE id = ?', 'id-1');
    const args = ['scrub', '--in', place, '--keyring', keyring];
    const options = { secrets: [setting] };
    const plain = await runQuietly(args, options);
    expect(plain.code).toBe(7);
    expect(plain.stdout).toMatch(/^ +1 {2}E_AUTH +altered/m);
    expect(plain.stdout).toContain('default/tokens id-1: E_INDEX_MISMATCH (userName)\n');
    expect(plain.stdout).toContain('--repair seals it anew');
    const repaired = await runQuietly([...args, '--repair', '--json'], options);
    expect(repaired.code).toBe(7);
    expect(JSON.parse(repaired.stdout)).toMatchObject({
      total: 8,
      checked: 8,
      found: { E_AUTH: 1, E_INDEX_MISMATCH: 1 },
      repaired: 1,
      interrupted: false,
    });
    alter(path, 'UPDATE tokenkeep_record SET revision = 1 WHERE id = ?', 'id-0');
    expect(await runQuietly(args, options)).toMatchObject({ code: 0 });
    alter(path, 'UPDATE tokenkeep_record SET lookup_user_name = zeroblob(16) WHERE id = ?', 'id-1');
    expect(await runQuietly([...args, '--repair'], options)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Repaired: 1 of 1.'),
    });
  });

  test('refuses a keyring that belongs to something else', async () => {
    const at = cliFolder();
    const { before, promoted } = await cliKeyrings();
    const backend = fileBackend(at('tokens'));
    await fill(backend, await generateKeyring(), 2);
    await backend.close();
    const content = readFileSync(at('tokens'));
    const args = ['scrub', '--in', `file:${at('tokens')}`, '--keyring', '-', '--repair'];
    const run = await runQuietly(args, { input: promoted, secrets: [before, promoted] });
    expect(run).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('has no key of any record') });
    expect(readFileSync(at('tokens'))).toEqual(content);
  });
});
