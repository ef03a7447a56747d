import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';
import { testKeyring } from '../support/test-keyring.ts';

const folder = temporaryFolder();
const keyring = testKeyring();
const open = (name: string) => new EncryptedTokenStore({ backend: fileBackend(join(folder, name)), keyring });
const ann = { userName: 'ann', accessToken: 'access' };

/** Somebody who holds the lock until he lets go. */
function holdLock(name: string): DatabaseSync {
  const holder = new DatabaseSync(join(folder, `${name}.lock`));
  onTestFinished(() => {
    if (holder.isOpen) holder.close();
  });
  holder.exec('BEGIN EXCLUSIVE');
  return holder;
}

describe('the lock of a file', () => {
  test('is waited for, while reads go on', async () => {
    const store = open('waited');
    await store.saveToken(ann);
    const holder = holdLock('waited');
    let isSaved = false;
    const save = store.saveToken({ ...ann, scope: 'read' }).then(() => {
      isSaved = true;
    });
    for (let i = 0; i < 20; i++) expect(await store.findToken({ userName: 'ann' })).toMatchObject({ revision: 1 });
    expect(isSaved).toBe(false);
    holder.close();
    await save;
    expect(await open('waited').findToken({ userName: 'ann' })).toMatchObject({ revision: 2, scope: 'read' });
  });

  test('is not waited for without end, and a later save goes through', async () => {
    const store = open('patience');
    await store.saveToken(ann);
    const holder = holdLock('patience');
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const save = expectCode('E_STORAGE', store.saveToken({ ...ann, scope: 'read' }));
    const ended = save.then(() => true);
    // the cryptography before the lock is asked for does not go by the timers
    while (!(await Promise.race([ended, vi.advanceTimersByTimeAsync(1000).then(() => false)])));
    expect((await save).message).toContain('locked');
    vi.useRealTimers();
    expect(await store.findToken({ userName: 'ann' })).toMatchObject({ revision: 1 });
    holder.close();
    expect(await store.saveToken({ ...ann, scope: 'read' })).toMatchObject({ revision: 2 });
  });

  test('still excludes everybody after its file was deleted', async () => {
    const [one, two] = [open('deleted'), open('deleted')];
    await one.saveToken(ann);
    rmSync(join(folder, 'deleted.lock'));
    await two.saveToken({ ...ann, userName: 'bob' });
    const users = Array.from({ length: 40 }, (_, n) => `user ${n}`);
    await Promise.all(users.map((userName, n) => (n % 2 === 0 ? one : two).saveToken({ ...ann, userName })));
    const found = (await open('deleted').getTokens()).map(({ userName }) => userName).sort();
    expect(found).toEqual(['ann', 'bob', ...users].sort());
  });

  test('stays empty, and leaves nothing beside it', async () => {
    const store = open('empty');
    for (let i = 0; i < 3; i++) await store.saveToken({ ...ann, scope: `${i}` });
    expect(statSync(join(folder, 'empty.lock')).size).toBe(0);
    expect(statSync(join(folder, 'empty.lock-journal'), { throwIfNoEntry: false })).toBeUndefined();
  });

  test('is refused when another file has its name, which is left as it is', async () => {
    writeFileSync(join(folder, 'foreign.lock'), 'pid 4711\n'.repeat(100));
    const error = await expectCode('E_CONFIG', open('foreign').saveToken(ann));
    expect(error.message).toContain('lock');
    expect(statSync(join(folder, 'foreign.lock')).size).toBe(900);
    expect(statSync(join(folder, 'foreign'), { throwIfNoEntry: false })).toBeUndefined();
  });
});
