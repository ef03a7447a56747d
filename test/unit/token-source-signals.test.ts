import { beforeEach, expect, test } from 'vitest';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import type { RenewalSignals } from '../../src/manager/renewal-signals.ts';
import { door, type SourceRig, sourceRig } from '../support/source-rig.ts';

const hour = 3_600_000;
let rig: SourceRig;
let signals: RenewalSignals & { kill(): void };
let order: string[];

/** Signs of life within this process. */
function localSignals(): typeof signals {
  const alive = new Map<string, Promise<void>>();
  const ends: (() => void)[] = [];
  return {
    async hold(owner, work) {
      const { passed, open } = door();
      alive.set(owner, passed);
      ends.push(open);
      order.push('alive');
      try {
        return await work(owner);
      } finally {
        order.push('ended');
        open();
      }
    },
    async gone(owner) {
      order.push('watched');
      await alive.get(owner);
      return true;
    },
    kill: () => {
      for (const end of ends) end();
    },
  };
}

beforeEach(async () => {
  rig = await sourceRig();
  rig.pass(hour);
  order = [];
  signals = localSignals();
});

test('a holder shows that it is alive from before its claim until its renewal is stored', async () => {
  const { store } = rig;
  const claim = store.claimToken.bind(store);
  const save = store.saveToken.bind(store);
  store.claimToken = async (...args) => {
    order.push('claim');
    return claim(...args);
  };
  store.saveToken = async (...args) => {
    order.push('save');
    return save(...args);
  };
  await rig.source({ signals }).getToken();
  expect(order).toEqual(['alive', 'claim', 'save', 'ended']);
});

test('a holder that does not know of its claim gives it back before its sign of life ends', async () => {
  const { store } = rig;
  const claim = store.claimToken.bind(store);
  const release = store.releaseToken.bind(store);
  store.claimToken = async (...args) => {
    store.claimToken = claim;
    await claim(...args);
    await store.saveToken({ id: rig.saved.id, extras: { seen: 1 } });
    throw new TokenkeepError('E_STORAGE', 'the database failed; try again');
  };
  store.releaseToken = async (...args) => {
    await new Promise((resolve) => setTimeout(resolve)); // as long as a database takes, and a microtask does not
    await release(...args);
    order.push('released');
  };
  await rig.source({ signals }).getToken();
  expect(order.slice(0, 3)).toEqual(['alive', 'released', 'ended']);
});

test('a caller who waits is woken by the end of the renewal', async () => {
  const { passed, open } = door();
  const { answer } = rig;
  rig.answer = async (call) => {
    await passed;
    return answer(call);
  };
  const first = rig.source({ signals }).getToken();
  await expect.poll(() => rig.calls.length).toBe(1);
  const second = rig.source({ signals }).getToken();
  await expect.poll(() => order).toContain('watched');
  open();
  expect(await first).toMatchObject({ outcome: 'refreshed' });
  expect(await second).toMatchObject({ accessToken: 'access-2', outcome: 'joined' });
  expect(rig.calls).toHaveLength(1);
});

test('a holder that died is given up for at once, and its renewal is in doubt', async () => {
  rig.answer = () => new Promise(() => undefined);
  void rig.source({ signals }).getToken();
  await expect.poll(() => rig.calls.length).toBe(1);
  rig.answer = async () => ({ accessToken: 'access-9', expiresAt: rig.now() + hour });
  const second = rig.source({ signals }).getToken();
  await expect.poll(() => order).toContain('watched');
  signals.kill();
  expect(await second).toMatchObject({ accessToken: 'access-9', outcome: 'refreshed' });
  expect(rig.calls.map(({ inDoubt }) => inDoubt)).toEqual([false, true]);
});

test('the silence of a holder that never promised a sign of life means nothing', async () => {
  await rig.store.claimToken(rig.saved, { owner: 'without-signals', ttlMs: hour });
  const waiting = rig.source({ signals, waitMs: 1 }).getToken();
  await expect(waiting).rejects.toMatchObject({ code: 'E_TIMEOUT' });
  expect(order).not.toContain('watched');
  expect(rig.calls).toEqual([]);
});
