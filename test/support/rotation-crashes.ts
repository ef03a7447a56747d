import { expect } from 'vitest';
import type { RecordBackend, RecordWrite } from '../../src/core/record-backend.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import type { RotationCheck } from './rotation-checks.ts';
import { dump, expectAll, fill, filled, rotate, rotationKeys, tokenOf, watched } from './rotation-rig.ts';

/** When an operation fails: before it has done anything, when it has done everything, or in between. */
type Moment = 'before' | 'after' | 'half-way';

const crash = (): TokenkeepError => new TokenkeepError('E_STORAGE', 'the connection was lost');

/** A backend whose operation of this number fails at this moment. `calls` counts them. */
function crashing(backend: RecordBackend, number: number, moment: Moment): { backend: RecordBackend; calls(): number } {
  let calls = 0;
  const failing = watched(backend, moment === 'after' ? 'after' : 'before', async (operation, [writes]) => {
    if (calls++ !== number) return;
    if (operation === 'putEach' && moment === 'half-way') await backend.putEach((writes as RecordWrite[]).slice(0, 1));
    throw crash();
  });
  return { backend: failing, calls: () => calls };
}

async function empty(backend: RecordBackend): Promise<void> {
  for (const { partition, id } of await dump(backend)) await backend.delete(partition, id);
}

/**
 * Cuts a rotation off at each of its calls of the backend, while others read and write with the setting before and the present one;
 * then expects everything to be readable, lets the next run come to its end, and does without the old key.
 */
async function crashEverywhere(connect: () => RecordBackend, moment: Moment): Promise<void> {
  let died = true;
  let number = 0;
  for (; died; number++) {
    const { young, before, pending, promoted, after } = await rotationKeys();
    await empty(connect());
    const session = await fill(connect(), before);
    const others = [pending, promoted].map((keyring) => new EncryptedTokenStore({ backend: connect(), keyring }));
    const store = others[1] as EncryptedTokenStore;
    const written = new Map<string, number>();
    let [saves, turn]: [Promise<unknown>, number] = [Promise.resolve(), 0];
    const crashes = crashing(connect(), number, moment);
    const backend = watched(crashes.backend, 'before', async () => {
      const [i, save] = [turn % 2, turn++];
      const user = i === 0 ? 'bob' : 'cid';
      // as long as somebody writes with the old key a rotation has something to do
      if (turn < 10) {
        saves = saves.then(() => others[i]?.saveToken({ userName: user, extras: { save } }));
        written.set(user, save);
      }
      expect(await store.findTokens({ userName: 'ann' })).toMatchObject([tokenOf('ann')]);
    });
    died = await rotate({ backend, keyring: promoted, batchSize: 3 }).then(
      () => false,
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'E_STORAGE' });
        return true;
      },
    );
    await saves;
    for (const keyring of [pending, promoted]) await expectAll(connect(), keyring, session);
    expect(await rotate({ backend: connect(), keyring: promoted })).toMatchObject({ failed: 0, remaining: 0 });
    expect(await connect().keyUse()).toEqual([{ keyId: young, indexKeyId: young, records: filled }]);
    await expectAll(connect(), after, session);
    for (const { userName = '', extras } of await store.getTokens()) {
      expect(extras?.save).toBe(written.get(userName));
    }
  }
  // two for each batch and each pass, and the count before
  expect(number).toBeGreaterThan(2 * (filled / 3));
}

const moments: readonly Moment[] = ['before', 'half-way', 'after'];

/** Case 46: a crash at every step. */
export const rotationCrashes: readonly RotationCheck[] = moments.map((moment) => ({
  name: `case 46: cut off ${moment} any of its calls, with readers and writers running, a rotation loses nothing and goes on`,
  compareAndSet: true,
  run: (connect: () => RecordBackend) => crashEverywhere(connect, moment),
}));
