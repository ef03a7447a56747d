import type { Context } from 'hono';

/**
 * Keeps a Worker alive until the work has ended, although its answer has left or its client has hung up. What the work
 * throws is whoever waits for it to report. Outside of Workers there is no execution context, and work goes on by itself.
 */
export function keepRunning(c: Context, work: Promise<unknown>): void {
  const quiet = work.catch(() => undefined);
  try {
    c.executionCtx.waitUntil(quiet);
  } catch {
    // no execution context
  }
}
