import { vi } from 'vitest';

/** Does the work, in which whatever waits for a time has waited already. */
export async function withoutWaiting<Result>(work: () => Promise<Result>): Promise<Result> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    const result = work();
    result.then(over, over);
    while (!isOver) await vi.advanceTimersByTimeAsync(1000);
    return await result;
  } finally {
    vi.useRealTimers();
  }
}
