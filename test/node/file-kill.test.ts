import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { recordScenario } from '../../src/testing/record-scenario.ts';
import { type FileChild, startFileChild } from '../support/file/start-file-child.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

const folder = temporaryFolder();
const setting = await generateKeyring();
const keyring = await importKeyring(setting);

/**
 * Has the process save tokens of these users, clear a partition between them, for which the whole file is written anew, and
 * be killed at some moment after some of them. Resolves with the users whose saves it has acknowledged.
 */
async function killWhileSaving(
  { store, backend, kill }: FileChild,
  users: readonly string[],
): Promise<readonly string[]> {
  const { sample } = recordScenario(backend);
  const acknowledged: string[] = [];
  const enough = Math.random() * 12;
  let killed: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
    await kill();
  };
  const ended = await Promise.allSettled(
    users.map(async (userName, n) => {
      if (n % 4 === 1) {
        await backend.put(sample(`${n}`, { partition: 'scratch' }), {});
        await backend.clear('scratch');
      }
      await store.saveToken({ userName, accessToken: `access token of ${userName}` });
      acknowledged.push(userName);
      if (acknowledged.length > enough) killed ??= stop();
    }),
  );
  await killed;
  const codes = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
  expect(['ENDED']).toEqual(expect.arrayContaining(codes));
  return acknowledged;
}

/** Kills one process after the other while it saves to this file. */
async function killMany(name: string): Promise<void> {
  const place = join(folder, name);
  mkdirSync(place);
  const path = join(place, 'records');
  const expected: string[] = [];
  for (let round = 0; round < 8; round++) {
    const users = Array.from({ length: 120 }, (_, n) => `user ${n} of round ${round}`);
    expected.push(...(await killWhileSaving(await startFileChild(path, setting), users)));
    const tokens = await new EncryptedTokenStore({ backend: fileBackend(path), keyring }).getTokens();
    const found = new Set(tokens.map(({ userName }) => userName));
    expect(expected.filter((userName) => !found.has(userName))).toEqual([]);
    expect(tokens.filter(({ userName, accessToken }) => accessToken !== `access token of ${userName}`)).toEqual([]);
    expect(found.size).toBe(tokens.length);
    expect(['records', 'records.lock', 'records.new']).toEqual(expect.arrayContaining(readdirSync(place)));
  }
  const backend = fileBackend(path);
  await backend.put(recordScenario(backend).sample('last', { partition: 'scratch' }), {});
  await backend.clear('scratch');
  expect(readdirSync(place)).toEqual(['records', 'records.lock']);
}

test('a process that is killed while it saves, many times over, loses nothing it has acknowledged', async () => {
  await Promise.all([killMany('one'), killMany('two')]);
});
