import type { ClaimState } from '../core/record-backend.ts';
import type { RenewalSignals } from './renewal-signals.ts';

/** What an owner's name begins with whose sign of life can be watched: of any other, silence means nothing. */
export const watched = 'lock:';

const shortestMs = 25;
const longestMs = 200;
const watchMs = 1000;

/**
 * Waits a while for somebody's renewal to end: until its sign of life ends where it gives one, else a little longer with each
 * round, and never the same for two who wait.
 *
 * @returns the owner whose sign of life is over, if any. One who still has the claim then has died.
 */
export async function waitForRenewal(
  { owner, heldMs }: ClaimState,
  round: number,
  signals: RenewalSignals | undefined,
): Promise<string | undefined> {
  if (signals !== undefined && heldMs > 0 && owner.startsWith(watched)) {
    return (await signals.gone(owner, Math.min(heldMs, watchMs))) ? owner : undefined;
  }
  const pauseMs = 1 + Math.random() * Math.min(shortestMs * 2 ** round, longestMs);
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  return undefined;
}
