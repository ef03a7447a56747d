import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import type { ClosableRecordBackend } from '../../src/core/record-backend.ts';
import { changeKeyring } from '../../src/crypto/change-keyring.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import {
  type CliKeyrings,
  cliFolder,
  cliKeyrings,
  expectTokens,
  fill,
  keyringFile,
  runQuietly,
} from '../support/cli-rig.ts';
import { cutOffRotation } from '../support/cut-off-rotation.ts';

const kinds = [
  ['file', fileBackend],
  ['sqlite', sqliteBackend],
] as const;

async function using<Result>(
  backend: ClosableRecordBackend,
  work: (backend: ClosableRecordBackend) => Promise<Result>,
) {
  try {
    return await work(backend);
  } finally {
    await backend.close();
  }
}

/** The keyring once the old key is gone. */
async function withoutOld({ promoted, old: keyId }: CliKeyrings): Promise<string> {
  return changeKeyring(await changeKeyring(promoted, { kind: 'disable', keyId }), { kind: 'remove', keyId });
}

describe('tokenkeep rotate', { timeout: 60_000 }, () => {
  test.each(kinds)(
    'is killed, interrupted and run again in a %s, and loses nothing at any moment',
    async (kind, open) => {
      const at = cliFolder();
      const keyrings = await cliKeyrings();
      const place = `${kind}:${at('tokens')}`;
      await using(open(at('tokens')), (backend) => fill(backend, keyrings.before, 400));
      await cutOffRotation({
        ...{ place, keyrings, users: 400, batch: 4, keyring: keyringFile(at('keyring.json'), keyrings.promoted) },
        look: (work) => using(open(at('tokens')), work),
      });
      await using(open(at('tokens')), async (backend) => expectTokens(backend, await withoutOld(keyrings), 400));
    },
  );

  test('takes the keyring from the environment, a file or standard input', async () => {
    const at = cliFolder();
    const { before, promoted, young } = await cliKeyrings();
    await using(fileBackend(at('tokens')), (backend) => fill(backend, before, 3));
    const args = ['rotate', '--in', `file:${at('tokens')}`, '--json'];
    const secrets = [before, promoted];
    const environment = await runQuietly(args, { env: { TOKENKEEP_KEYRING: before }, secrets });
    expect(JSON.parse(environment.stdout)).toMatchObject({ total: 0, resealed: 0, remaining: 0, interrupted: false });
    const input = await runQuietly([...args, '--keyring', '-'], { input: promoted, secrets });
    expect(JSON.parse(input.stdout)).toMatchObject({
      total: 3,
      resealed: 3,
      remaining: 0,
      failures: {},
      keys: [{ keyId: young, indexKeyId: young, records: 3 }],
      next: expect.stringContaining('tokenkeep keys retire'),
    });
    const file = keyringFile(at('keyring.json'), promoted);
    const again = await runQuietly(['rotate', '--in', `file:${at('tokens')}`, '--keyring', file], { secrets });
    expect(again).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^No record needs another key/) });
    const without = await runQuietly(args.slice(0, 3), { env: { TOKENKEEP_KEYRING: '' } });
    expect(without).toMatchObject({ code: 4, stderr: expect.stringMatching(/^TOKENKEEP_KEYRING: .*missing/) });
  });

  test('refuses a keyring that belongs to something else, before it writes anything', async () => {
    const at = cliFolder();
    const { before, old } = await cliKeyrings();
    const other = await cliKeyrings();
    await using(fileBackend(at('tokens')), (backend) => fill(backend, before, 3));
    const content = readFileSync(at('tokens'));
    const args = ['rotate', '--in', `file:${at('tokens')}`, '--keyring', '-'];
    const secrets = [before, other.promoted];
    const wrong = await runQuietly(args, { input: other.promoted, secrets });
    expect(wrong).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('has no key of any record') });
    const replaced = await changeKeyring(await cliPromoted(before), { kind: 'disable', keyId: old });
    const disabled = await runQuietly([...args, '--json'], { input: replaced, secrets });
    expect(JSON.parse(disabled.stdout)).toMatchObject({ failure: { code: 'E_KEY_DISABLED' } });
    expect(disabled.code).toBe(4);
    expect(readFileSync(at('tokens'))).toEqual(content);
  });

  test('goes on past records that it cannot open, counts them, and leaves them as they are', async () => {
    const at = cliFolder();
    const [mine, other] = [await cliKeyrings(), await generateKeyring()];
    const place = `file:${at('tokens')}`;
    await using(fileBackend(at('tokens')), async (backend) => {
      await fill(backend, mine.before, 4);
      await fillForeign(backend, other);
    });
    const options = { input: mine.promoted, secrets: [mine.promoted, other] };
    const run = await runQuietly(['rotate', '--in', place, '--keyring', '-'], options);
    expect(run.code).toBe(3);
    expect(run.stdout).toMatch(
      /^Sealed anew: 4 of 6 records that needed it\.\nLeft as they are: 2\.\n +2 {2}E_KEY_UNKNOWN/,
    );
    expect(run.stdout).toContain('not in the keyring');
    await using(fileBackend(at('tokens')), async (backend) => {
      const foreign = (await backend.scan(10)).records.filter(({ partition }) => partition === 'other/tokens');
      expect(foreign.map(({ revision }) => revision)).toEqual([1, 1]);
    });
  });

  test('says how far it has come when the disk is full, and loses nothing', async () => {
    const at = cliFolder();
    const { before, promoted } = await cliKeyrings();
    await using(fileBackend(at('tokens')), (backend) => fill(backend, before, 60));
    // bash counts in kibibytes; a record takes more than one
    const limit = Math.ceil(statSync(at('tokens')).size / 1024) + 30;
    const through = ['bash', '--norc', '-c', `trap '' XFSZ; ulimit -f ${limit}; exec "$0" "$@"`];
    const args = ['rotate', '--in', `file:${at('tokens')}`, '--batch-size', '5'];
    const env = { TOKENKEEP_KEYRING: promoted };
    const run = await runQuietly(args, { env, secrets: [promoted], through });
    expect(run).toMatchObject({ code: 5, stdout: '' });
    expect(run.stderr).toMatch(/^--in: there is no room left .*; \d+ records are done, the next run does the rest$/m);
    await using(fileBackend(at('tokens')), (backend) => expectTokens(backend, promoted, 60));
  });

  test('needs a place that holds records, and makes none', async () => {
    const at = cliFolder();
    writeFileSync(at('diary'), 'dear diary');
    for (const [place, message] of [
      [`file:${at('none')}`, 'no records were ever kept there'],
      [`sqlite:${at('none')}`, 'no records were ever kept there'],
      [`file:${at('no/folder')}`, 'the folder of the file does not exist'],
      [`file:${at('diary')}`, 'something else is in the place'],
      [`sqlite:${at('diary')}`, 'not an SQLite database'],
      ['d1:DB', 'there is no wrangler.toml'],
    ] as const) {
      const run = await runQuietly(['rotate', '--in', place], { cwd: at('.') });
      expect(run).toMatchObject({ code: 4, stdout: '', stderr: expect.stringMatching(/^--in: /) });
      expect(run.stderr).toContain(message);
    }
    expect(existsSync(at('none'))).toBe(false);
    const wrong = await runQuietly(['rotate', '--in', `file:${at('diary')}`, '--remote']);
    expect(wrong).toMatchObject({ code: 4, stderr: expect.stringContaining('are for a place such as d1:DB') });
    const size = await runQuietly(['rotate', '--in', 'file:x', '--batch-size', '0']);
    expect(size).toMatchObject({ code: 2, stderr: expect.stringContaining('a whole number from 1 to 1000') });
  });
});

/** A keyring in which another key has been promoted. */
async function cliPromoted(setting: string): Promise<string> {
  const added = await changeKeyring(setting, { kind: 'add' });
  const keyId = (JSON.parse(added) as { keys: { kid: string; status: string }[] }).keys[1]?.kid ?? '';
  return changeKeyring(added, { kind: 'promote', keyId });
}

/** Two tokens of another tenant, under another keyring. */
async function fillForeign(backend: ClosableRecordBackend, setting: string): Promise<void> {
  const { EncryptedTokenStore } = await import('../../src/store/encrypted-token-store.ts');
  const { importKeyring } = await import('../../src/crypto/import-keyring.ts');
  const store = new EncryptedTokenStore({ backend, keyring: importKeyring(setting), tenant: 'other' });
  for (const userName of ['x', 'y']) await store.saveToken({ userName, accessToken: `${userName}-token` });
}
