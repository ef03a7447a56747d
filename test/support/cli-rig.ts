import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { KeyInfo } from '../../src/core/keyring.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { changeKeyring } from '../../src/crypto/change-keyring.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { temporaryFolder } from './file/temporary-folder.ts';
import { findTraces } from './find-traces.ts';
import { runTokenkeep, type TokenkeepOptions, type TokenkeepRun } from './run-tokenkeep.ts';

const parent = temporaryFolder();

/** A folder of its own for one test. */
export function cliFolder(): (name: string) => string {
  const folder = mkdtempSync(join(parent, 't'));
  return (name) => join(folder, name);
}

/** The settings of one keyring, one after the other, and the ids of its keys. */
export interface CliKeyrings {
  readonly old: string;
  readonly young: string;
  readonly before: string;
  readonly promoted: string;
}

export async function cliKeyrings(): Promise<CliKeyrings> {
  const before = await generateKeyring();
  const pending = await changeKeyring(before, { kind: 'add' });
  const [old = '', young = ''] = (await keysOf(pending)).map(({ keyId }) => keyId);
  return { old, young, before, promoted: await changeKeyring(pending, { kind: 'promote', keyId: young }) };
}

export async function keysOf(setting: string): Promise<readonly KeyInfo[]> {
  return (await importKeyring(setting)).info();
}

/** A file that holds a keyring, for its owner alone. */
export function keyringFile(path: string, setting: string): string {
  writeFileSync(path, setting, { mode: 0o600 });
  return path;
}

/** What is secret about the token of a user. */
export const secretsOfUser = (user: number) => ({
  userName: `user-number-${user}@example.com`,
  accessToken: `access-token-number-${user}`,
  refreshToken: `refresh-token-number-${user}`,
  clientSecret: `client-secret-number-${user}`,
});

/** Puts the token of each of that many users into a backend: a hundred with each write, since most take as long for one. */
export async function fill(backend: RecordBackend, setting: string, users: number): Promise<void> {
  const memory = memoryBackend();
  const store = new EncryptedTokenStore({ backend: memory, keyring: importKeyring(setting) });
  for (let user = 0; user < users; user++) {
    await store.saveToken({ id: `id-${user}`, clientId: 'app', ...secretsOfUser(user) });
  }
  let cursor: string | undefined;
  do {
    const page = await memory.scan(100, cursor === undefined ? {} : { cursor });
    await backend.putEach(page.records.map((record) => ({ record, condition: {} })));
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** Expects every token to be there, and readable with this keyring. */
export async function expectTokens(backend: RecordBackend, setting: string, users: number): Promise<void> {
  const tokens = await new EncryptedTokenStore({ backend, keyring: importKeyring(setting) }).getTokens();
  expect(tokens.map(({ userName }) => userName).sort()).toEqual(
    Array.from({ length: users }, (_, user) => secretsOfUser(user).userName).sort(),
  );
  for (const { id, refreshToken } of tokens) expect(refreshToken).toBe(secretsOfUser(Number(id.slice(3))).refreshToken);
}

/** Runs it, and expects no trace of a key or of a token in what it says, but for the keyring where one is to be printed. */
export async function runQuietly(
  args: readonly string[],
  options: TokenkeepOptions & { readonly secrets?: readonly string[]; readonly prints?: true } = {},
): Promise<TokenkeepRun> {
  const { secrets = [], prints, ...rest } = options;
  const run = await runTokenkeep(args, rest);
  expectQuiet(prints ? { ...run, stdout: '' } : run, secrets);
  return run;
}

const ofUsers = [0, 1, 99].flatMap((user) => Object.values(secretsOfUser(user)));

/** Expects no trace of these secrets, which are keyrings or others, nor of a token. */
export function expectQuiet({ stdout, stderr }: TokenkeepRun, secrets: readonly string[]): void {
  const keysOf = (setting: string) => [...setting.matchAll(/"k":"([^"]+)"/g)].map(([, key]) => key as string);
  const keys = secrets.flatMap((secret) => (secret.startsWith('{') ? keysOf(secret) : [secret]));
  const said = new TextEncoder().encode(stdout + stderr);
  expect(findTraces(said, [...keys, ...ofUsers])).toEqual([]);
}
