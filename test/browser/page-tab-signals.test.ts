import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { commands } from 'vitest/browser';
import type { RenewalSignals } from '../../src/manager/renewal-signals.ts';
import { tabSignals } from '../../src/page/tab-signals.ts';

let signals: RenewalSignals;
let owner: string;
let release: () => void;
let released: Promise<void>;

beforeEach(() => {
  signals = tabSignals() as RenewalSignals;
  owner = `lock:${crypto.randomUUID()}`;
  released = new Promise((resolve) => {
    release = resolve;
  });
});
afterEach(() => {
  release();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** How the lock of the owner is held. */
async function held(): Promise<string | undefined> {
  const { held: locks = [] } = await navigator.locks.query();
  return locks.find(({ name }) => name === `tokenkeep:${owner}`)?.mode;
}

/** Holds until `release` is called; resolves when the work has begun. */
function begin(): Promise<{ readonly work: Promise<string> }> {
  return new Promise((resolve) => {
    const work = signals.hold(owner, async () => {
      resolve({ work });
      await released;
      return 'done';
    });
  });
}

describe('the signals of a tab', () => {
  test('hold a lock from before the work begins until it has ended', async () => {
    const seen = await signals.hold(owner, held);
    expect(seen).toBe('exclusive');
    expect(await held()).toBeUndefined();
  });

  test('resolve and reject as the work does, which is done once and under the owner’s name', async () => {
    const work = vi.fn(async (name: string) => name);
    expect(await signals.hold(owner, work)).toBe(owner);
    const failing = vi.fn(() => Promise.reject(new Error('of the work')));
    await expect(signals.hold(owner, failing)).rejects.toThrow('of the work');
    const throwing = vi.fn((): Promise<never> => {
      throw new Error('of the work');
    });
    await expect(signals.hold(owner, throwing)).rejects.toThrow('of the work');
    expect([work, failing, throwing].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1]);
    expect(await held()).toBeUndefined();
  });

  test('do not tell the end of a holder who lives', async () => {
    await begin();
    expect(await signals.gone(owner, 20)).toBe(false);
  });

  test('tell all who wait as soon as the work has ended', async () => {
    const { work } = await begin();
    const waiting = [signals.gone(owner, 20_000), (tabSignals() as RenewalSignals).gone(owner, 20_000)];
    release();
    expect(await work).toBe('done');
    expect(await Promise.all(waiting)).toEqual([true, true]);
  });

  test('tell at once that an owner is gone of whom there is no sign', async () => {
    expect(await signals.gone(owner, 20_000)).toBe(true);
  });

  test('tell that a tab was closed', async () => {
    const tab = await commands.newTab('/src/page/tab-signals.ts');
    await commands.evaluateInTab(
      tab,
      `await new Promise((begun) => void lib.tabSignals().hold('${owner}', () => new Promise(() => begun())));`,
    );
    expect(await held()).toBe('exclusive');
    const waiting = signals.gone(owner, 20_000);
    await commands.closeTab(tab);
    expect(await waiting).toBe(true);
  });

  test('know nothing of an owner that has no sign of life', async () => {
    expect(await signals.gone(crypto.randomUUID(), 20)).toBe(false);
  });

  test('do not let owners wait for each other', async () => {
    await begin();
    expect(await signals.hold(`lock:${crypto.randomUUID()}`, async () => 'the other')).toBe('the other');
  });

  test('leave the work alone when somebody steals its lock', async () => {
    const { work } = await begin();
    await navigator.locks.request(`tokenkeep:${owner}`, { steal: true }, () => undefined);
    release();
    expect(await work).toBe('done');
  });

  test('let the work be done under a name without a sign of life where the browser gives no lock', async () => {
    vi.spyOn(navigator.locks, 'request').mockRejectedValue(new DOMException('denied', 'SecurityError'));
    const work = vi.fn(async (name: string) => name);
    expect(await signals.hold(owner, work)).toBe(owner.slice('lock:'.length));
    expect(work).toHaveBeenCalledOnce();
    expect(await signals.gone(owner, 20)).toBe(false);
  });

  test('wait neither for a lock that is never given nor for the sign of a holder who never ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.spyOn(navigator.locks, 'request').mockReturnValue(new Promise(() => undefined));
    const gone = signals.gone(owner, 15_000);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await gone).toBe(false);
    vi.restoreAllMocks();
    await navigator.locks.request(`tokenkeep:${owner}`, async () => {
      const work = signals.hold(owner, async (name) => name);
      await vi.advanceTimersByTimeAsync(2000);
      expect(await work).toBe(owner.slice('lock:'.length));
    });
  });

  test('are none where there are no Web Locks', () => {
    vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as never);
    expect(tabSignals()).toBeUndefined();
  });
});
