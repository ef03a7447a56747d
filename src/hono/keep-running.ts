import type { Context } from 'hono';
import { type KeepRunning, keepRunningBy } from '../manager/keep-running.ts';

/**
 * Keeps a Worker alive until work of this request has ended, although its answer has left or its client has hung up. What the
 * work throws is whoever waits for it to report. Outside of Workers there is no execution context, and work goes on by itself.
 */
export function keepRunning(c: Context): KeepRunning {
  return keepRunningBy((work) => c.executionCtx.waitUntil(work));
}
