import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { recordScenario } from '../../src/testing/record-scenario.ts';
import { startFileChild } from '../support/file/start-file-child.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

const folder = temporaryFolder();
const setting = await generateKeyring();
const keyring = await importKeyring(setting);
const storeAt = (path: string) => new EncryptedTokenStore({ backend: fileBackend(path), keyring });

/** Saves users one after the other until a save fails; resolves with those that were saved and the error. */
async function saveUntilFull(
  store: EncryptedTokenStore,
): Promise<{ readonly saved: readonly string[]; readonly error: unknown }> {
  const saved: string[] = [];
  for (let n = 0; n < 1000; n++) {
    const userName = `user ${n}`;
    try {
      await store.saveToken({ userName, accessToken: `access token of ${userName}`, refreshToken: 'x'.repeat(300) });
    } catch (error) {
      return { saved, error };
    }
    saved.push(userName);
  }
  throw new Error('a thousand saves fitted');
}

const usersOf = async (path: string) => (await storeAt(path).getTokens()).map(({ userName }) => userName).sort();

describe('a file that has no more room', () => {
  test('refuses a save beyond the largest file a process may write, and keeps all that were acknowledged', async () => {
    const path = join(folder, 'limited');
    const { store, backend } = await startFileChild(path, setting, { fileBlocks: 100 });
    const { saved, error } = await saveUntilFull(store);
    expect(error).toMatchObject({ code: 'E_QUOTA', message: expect.stringContaining('make room') });
    expect(saved.length).toBeGreaterThan(10);
    expect(await usersOf(path)).toEqual([...saved].sort());
    expect((await store.getTokens()).map(({ userName }) => userName).sort()).toEqual([...saved].sort());

    const one = await storeAt(path).saveToken({ userName: 'user 0', scope: 'read' });
    expect(one).toMatchObject({ revision: 2, accessToken: 'access token of user 0' });
    expect(await store.findToken({ userName: 'user 0' })).toEqual(one);
    await expect(store.saveToken({ userName: 'user 0', scope: 'write' })).rejects.toMatchObject({ code: 'E_QUOTA' });

    // what another process may write makes room for this one: the file is written anew without what was cleared
    await storeAt(path).deleteTokens();
    await expect(backend.page('default/tokens', 10)).resolves.toEqual({ records: [] });
    await store.saveToken({ userName: 'ann', accessToken: 'access' });
    expect(await usersOf(path)).toEqual(['ann']);
  });

  test('that could not even be made is not there, and is made once there is room', async () => {
    const path = join(folder, 'never');
    const { store } = await startFileChild(path, setting, { fileBlocks: 2 });
    await expect(store.saveToken({ userName: 'ann', accessToken: 'access' })).rejects.toMatchObject({
      code: 'E_QUOTA',
    });
    expect(readdirSync(folder).filter((name) => name.startsWith('never'))).toEqual(['never.lock']);
    expect(await store.getTokens()).toEqual([]);
    await storeAt(path).saveToken({ userName: 'ann', accessToken: 'access' });
    expect(await store.findToken({ userName: 'ann' })).toMatchObject({ accessToken: 'access' });
  });

  test('of the disk refuses a save, keeps all that were acknowledged, and takes the next one once there is room', async ({
    skip,
  }) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      return skip('a disk of its own cannot be mounted here');
    }
    const path = join(disk, 'records');
    const backend = fileBackend(path);
    onTestFinished(async () => {
      await backend.close();
      execFileSync('umount', [disk]);
    });
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(65_536));
    const store = new EncryptedTokenStore({ backend, keyring });
    const { saved, error } = await saveUntilFull(store);
    expect(error).toMatchObject({ code: 'E_QUOTA' });
    expect(saved.length).toBeGreaterThan(50);
    expect(await usersOf(path)).toEqual([...saved].sort());
    expect((await store.getTokens()).length).toBe(saved.length);
    expect((await saveUntilFull(store)).saved).toEqual([]);
    rmSync(ballast);
    await store.saveToken({ userName: 'ann', accessToken: 'access' });
    expect(await usersOf(path)).toEqual(['ann', ...saved].sort());

    // too little room to write the file anew, which is no failure of what was cleared
    await backend.put(recordScenario(backend).sample('one', { partition: 'scratch' }), {});
    const { ino } = statSync(path);
    await backend.clear('scratch');
    expect(statSync(path).ino).toBe(ino);
    expect(readdirSync(disk)).toEqual(['records', 'records.lock']);
    expect((await backend.page('scratch', 10)).records).toEqual([]);
    expect(await usersOf(path)).toEqual(['ann', ...saved].sort());
  });
});
