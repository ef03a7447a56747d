import { TokenkeepError } from '../../core/tokenkeep-error.ts';

/** Work that may go on until it is told to end. */
export interface UntilClosed {
  /** @throws `E_STORAGE` when it is closed. */
  do<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Lets nothing begin any more; resolves when what is under way has ended. */
  close(): Promise<void>;
}

/** Nothing is under way yet. */
export function untilClosed(): UntilClosed {
  const underWay = new Set<Promise<unknown>>();
  let closed = false;
  return {
    async do(work) {
      if (closed) throw new TokenkeepError('E_STORAGE', 'the backend was closed; make a new one');
      const working = work();
      underWay.add(working);
      try {
        return await working;
      } finally {
        underWay.delete(working);
      }
    },
    async close() {
      closed = true;
      await Promise.allSettled(underWay);
    },
  };
}
