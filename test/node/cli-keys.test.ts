import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { replaceKeyringFile } from '../../src/cli/keyring-file.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { cliFolder, cliKeyrings, expectTokens, fill, keyringFile, keysOf, runQuietly } from '../support/cli-rig.ts';
import { expectCode } from '../support/expect-code.ts';

// the program of util-linux that runs another one on a terminal of its own
const onTerminal = ['bash', '--norc', '-c', 'exec script -qec "$(printf "%q " "$@")" /dev/null', '--'];
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('tokenkeep keygen', () => {
  test('prints a keyring and nothing else, ready for a pipe', async () => {
    const { code, stdout, stderr } = await runQuietly(['keygen'], { prints: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toMatch(/\s/);
    expect(await keysOf(stdout)).toMatchObject([{ status: 'enabled', primary: true, primaryIndex: true }]);
    expect((await runQuietly(['keygen'], { prints: true })).stdout).not.toBe(stdout);
  });

  test('says when the keyring could not be written', async () => {
    const full = ['bash', '--norc', '-c', '"$@" > /dev/full', '--'];
    expect(await runQuietly(['keygen'], { through: full })).toMatchObject({
      code: 5,
      stderr: 'standard output cannot be written; make room, then run it again\n',
    });
  });

  test('makes a file that its owner alone may read, and never overwrites one', async () => {
    const at = cliFolder();
    const file = at('keyring.json');
    const made = await runQuietly(['keygen', '--keyring', file, '--json']);
    expect(made.code).toBe(0);
    expect(modeOf(file)).toBe('600');
    const setting = readFileSync(file, 'utf8');
    expect(JSON.parse(made.stdout)).toEqual({ keys: await keysOf(setting) });
    expect(made.stdout).not.toContain(JSON.parse(setting).keys[0].k);
    const again = await runQuietly(['keygen', '--keyring', file]);
    expect(again).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('choose another name') });
    expect(readFileSync(file, 'utf8')).toBe(setting);
    const nowhere = await runQuietly(['keygen', '--keyring', at('none/keyring.json'), '--json']);
    expect(nowhere).toMatchObject({ code: 4, stderr: '' });
    expect(JSON.parse(nowhere.stdout)).toMatchObject({ failure: { code: 'E_CONFIG' } });
  });
});

describe('tokenkeep keys', () => {
  test('leads a key from its beginning to its end, step by step, in a file', { timeout: 60_000 }, async () => {
    const at = cliFolder();
    const [file, places] = [at('keyring.json'), ['--in', `file:${at('tokens')}`, '--in', `sqlite:${at('tokens.db')}`]];
    const seen: string[] = [];
    const run = async (...args: string[]) => {
      const ended = await runQuietly([...args, '--keyring', file], { secrets: seen });
      seen.push(readFileSync(file, 'utf8'));
      expect(modeOf(file)).toBe('600');
      return ended;
    };
    await run('keygen');
    const first = readFileSync(file, 'utf8');
    for (const backend of [fileBackend(at('tokens')), sqliteBackend(at('tokens.db'))]) {
      await fill(backend, first, 10);
      await backend.close();
    }
    const added = JSON.parse((await run('keys', 'add', '--json')).stdout);
    expect(added).toMatchObject({ change: 'add', keys: [{ status: 'enabled' }, { status: 'pending' }] });
    const { keyId: young } = added;
    const old = added.keys[0].keyId;
    expect(added.next).toContain(`tokenkeep keys promote ${young}`);
    expect((await run('keys', 'list')).stdout).toMatch(new RegExp(`^${young} +pending +opens$`, 'm'));

    expect((await run('keys', 'retire', old, ...places)).stderr).toContain(`key ${old} is in use; promote another`);
    const promoted = await run('keys', 'promote', young);
    expect(promoted.stdout).toContain(`Key ${young} seals and makes lookups from now on.`);
    expect(promoted.stdout).toContain('npx wrangler secret put TOKENKEEP_KEYRING < FILE');

    const text = readFileSync(file, 'utf8');
    const refused = await run('keys', 'retire', old, ...places);
    expect(refused).toMatchObject({ code: 8, stdout: expect.stringContaining(': 10 of 10 records need the key.') });
    await run('rotate', '--in', places[1] as string);
    const half = await run('keys', 'retire', old, ...places, '--json');
    expect(half.code).toBe(8);
    expect(JSON.parse(half.stdout)).toMatchObject({ refused: true, places: [{ needing: 0 }, { needing: 10 }] });
    expect(readFileSync(file, 'utf8')).toBe(text);
    await run('rotate', '--in', places[3] as string);
    expect(await run('keys', 'retire', old)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/^--in: name each/),
    });
    expect(await run('keys', 'retire', old, ...places)).toMatchObject({ code: 0, stderr: '' });
    expect((await run('keys', 'list')).stdout).toMatch(new RegExp(`^${old} +disabled +none$`, 'm'));

    await run('keys', 'enable', old);
    await run('keys', 'disable', old);
    expect(await run('keys', 'remove', old, ...places)).toMatchObject({ code: 0, stderr: '' });
    const last = readFileSync(file, 'utf8');
    expect(await keysOf(last)).toMatchObject([{ keyId: young, primary: true, primaryIndex: true }]);
    const backend = fileBackend(at('tokens'));
    await expectTokens(backend, last, 10);
    await backend.close();
    expect(readdirSync(dirname(file)).filter((name) => name.startsWith('keyring'))).toEqual(['keyring.json']);
  });

  test('reads standard input, and writes the changed keyring to standard output and nothing else', async () => {
    const { old, young, before, promoted } = await cliKeyrings();
    const secrets = [before, promoted];
    const added = await runQuietly(['keys', 'add', '--json'], { input: `${before}\n`, secrets, prints: true });
    expect(added.stdout).not.toMatch(/\s/);
    expect(await keysOf(added.stdout)).toMatchObject([{ keyId: old }, { status: 'pending' }]);
    expect(JSON.parse(added.stderr)).toMatchObject({ change: 'add' });
    const index = await runQuietly(['keys', 'promote', old, '--use', 'index'], {
      input: promoted,
      secrets,
      prints: true,
    });
    expect(await keysOf(index.stdout)).toMatchObject([
      { keyId: old, primary: false, primaryIndex: true },
      { keyId: young, primary: true, primaryIndex: false },
    ]);
    expect(index.stderr).toContain(`Key ${old} makes lookups from now on.`);
    const listed = await runQuietly(['keys', 'list', '--json'], { input: promoted, secrets });
    expect(JSON.parse(listed.stdout).keys).toEqual(await keysOf(promoted));
    const forced = await runQuietly(['keys', 'retire', old, '--force'], { input: promoted, secrets, prints: true });
    expect(await keysOf(forced.stdout)).toMatchObject([{ keyId: old, status: 'disabled' }, { keyId: young }]);
  });

  test('lets nothing reach a program that takes the keyring, when a change fails', async () => {
    const { old, before } = await cliKeyrings();
    for (const more of [[], ['--json']]) {
      const args = ['keys', 'disable', old, ...more];
      const failed = await runQuietly(args, { input: before, secrets: [before] });
      expect(failed).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('is in use') });
    }
  });

  test('replaces what a link leads to, and warns of a file that others may read', async () => {
    const at = cliFolder();
    const setting = await generateKeyring();
    const file = keyringFile(at('keyring.json'), setting);
    chmodSync(file, 0o644);
    symlinkSync(file, at('link'));
    const added = await runQuietly(['keys', 'add', '--keyring', at('link')], { secrets: [setting] });
    expect(added).toMatchObject({ code: 0, stderr: expect.stringContaining('chmod 600') });
    expect(await keysOf(readFileSync(file, 'utf8'))).toHaveLength(2);
    expect(modeOf(file)).toBe('600');
    const listed = await runQuietly(['keys', 'list', '--keyring', at('link')], { secrets: [setting] });
    expect(listed).toMatchObject({ code: 0, stderr: '' });
  });

  test('overwrites nothing that somebody else has changed meanwhile', async () => {
    const { before, promoted } = await cliKeyrings();
    const file = keyringFile(cliFolder()('keyring.json'), promoted);
    await expectCode('E_CONFLICT', () => replaceKeyringFile(file, before, before));
    expect(readFileSync(file, 'utf8')).toBe(promoted);
  });

  const secret = 'hunter2-hunter2-hunter2';
  test.each([
    [['keys', 'promote', secret], 2, "argument 'key' cannot be that"],
    [['keys', 'promote', '00000000', '--use', secret], 2, 'Allowed choices are seal, index'],
    [['keys', 'promote'], 2, "missing required argument 'key'"],
    [['keys', 'add', secret], 2, 'there is more on the command line'],
    [['keys', 'add', `--${secret}`], 2, 'there is'],
    [['keys', secret], 2, 'there is no such command'],
    [['keys', 'promote', '00000000', '--keyring', `/${secret}`], 4, 'there is no such file'],
    [['keys', 'list', '--keyring', '/'], 4, 'the file cannot be read'],
    [['keys', 'list'], 4, 'the keyring is not JSON'],
  ])('refuses what cannot be meant, and quotes nothing of it: %j', async (args, code, message) => {
    const run = await runQuietly(args, { input: secret });
    expect(run).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
    expect(run.stderr).not.toContain(secret);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('refuses a key that the keyring does not have, and a place that is none', async () => {
    const { old, promoted } = await cliKeyrings();
    const options = { input: promoted, secrets: [promoted] };
    const unknown = await runQuietly(['keys', 'promote', '00000000'], options);
    expect(unknown).toMatchObject({ code: 4, stderr: expect.stringContaining('key 00000000 is not in the keyring') });
    const at = cliFolder();
    const missing = await runQuietly(['keys', 'retire', old, '--in', `file:${at('none')}`], options);
    expect(missing).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining('--in: no records were ever'),
    });
    expect(existsSync(at('none'))).toBe(false);
  });

  test('explains how a key is changed', async () => {
    const { stdout, code } = await runQuietly(['keys', '--help']);
    expect(code).toBe(0);
    const steps = ['keys add', 'secret put', 'keys promote', 'rotate --in', 'keys retire', 'keys remove'];
    const places = steps.map((step) => stdout.lastIndexOf(step));
    for (const step of steps) expect(stdout).toContain(step);
    expect(places.at(-1)).toBe(Math.max(...places));
    expect(stdout).toContain('8    refused: records still need the key');
    expect(stdout.split('\n').every((line) => line.length <= 120)).toBe(true);
  });

  test('hints on a terminal that a keyring is no sight for everybody', async () => {
    const { stdout } = await runQuietly(['keygen'], { through: onTerminal, prints: true });
    expect(stdout).toMatch(/"status":"enabled"\}\]\}\r?\n/);
    expect(stdout).toContain('This is a secret, and now on your screen.');
  });
});
