import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RenewalSignals } from '../../src/manager/renewal-signals.ts';
import { untilAborted } from '../../src/manager/until-aborted.ts';
import { waitForRenewal, watched } from '../../src/manager/wait-for-renewal.ts';
import { within } from '../../src/manager/within.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const never = () => new Promise<never>(() => undefined);

describe('waiting until a signal aborts', () => {
  test('ends at once with its reason when it has aborted already', async () => {
    const signal = AbortSignal.abort(new Error('the caller has left'));
    await expect(untilAborted(never(), signal)).rejects.toThrow('the caller has left');
  });

  test('leaves no listener behind, however the work ends', async () => {
    for (const work of [async () => 'done', () => Promise.reject(new Error('failed'))]) {
      const { signal } = new AbortController();
      const added = vi.spyOn(signal, 'addEventListener');
      const removed = vi.spyOn(signal, 'removeEventListener');
      await untilAborted(work(), signal).catch(() => undefined);
      expect(added).toHaveBeenCalledTimes(1);
      expect(removed.mock.calls).toEqual(added.mock.calls);
    }
  });
});

describe('waiting for work within a time', () => {
  test.each([
    ['well', () => Promise.resolve()],
    ['badly', () => Promise.reject(new Error('failed'))],
  ])('ends with the work, and keeps no timer running, when the work ends %s', async (_, work) => {
    await within(1000, work());
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends when the time is over', async () => {
    const waiting = within(1000, never());
    await vi.advanceTimersByTimeAsync(1000);
    expect(await waiting).toBeUndefined();
  });
});

describe('waiting for somebody’s renewal', () => {
  const owner = `${watched}somebody`;
  const coolingMs = 0;
  let asked: unknown[];
  const signals: RenewalSignals = {
    hold: (name, work) => work(name),
    gone: async (...args) => asked.push(args) > 0,
  };

  beforeEach(() => {
    asked = [];
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
  });

  /** How long it waits by its own timer. */
  async function pauseOf(round: number, claim: { owner: string; heldMs: number }, by?: RenewalSignals) {
    let over = false;
    const waiting = waitForRenewal({ ...claim, coolingMs }, round, by).then((departed) => {
      over = true;
      return departed;
    });
    let ms = 0;
    while (!over) await vi.advanceTimersByTimeAsync(1).then(() => ms++);
    expect(await waiting).toBeUndefined();
    return ms;
  }

  test('asks for its sign of life for as long as the claim is held, and for a second at most', async () => {
    for (const heldMs of [500, 5000]) {
      expect(await waitForRenewal({ owner, heldMs, coolingMs }, 0, signals)).toBe(owner);
    }
    expect(asked).toEqual([
      [owner, 500],
      [owner, 1000],
    ]);
  });

  test('pauses a little longer with each round, up to a fifth of a second', async () => {
    const pauses: number[] = [];
    for (const round of [0, 1, 2, 3, 9]) pauses.push(await pauseOf(round, { owner, heldMs: 5000 }));
    // in whole milliseconds, as engines count them
    const most = [26, 51, 101, 201, 201];
    for (const [i, ms] of pauses.entries()) expect([most[i], (most[i] ?? 0) - 1]).toContain(ms);
  });

  test('asks for no sign of life where nobody holds the claim', async () => {
    await pauseOf(0, { owner, heldMs: 0 }, signals);
    expect(asked).toEqual([]);
  });
});
