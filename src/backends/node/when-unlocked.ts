import { isLocked } from './sqlite-error.ts';

/** How often a locked database is asked: with the pauses in between, for about ten seconds. */
const attempts = 2000;

/** The longest pause, in milliseconds: who asks more often waits less long among many writers. */
const longestMs = 5;

/**
 * Does what SQLite may refuse because another connection holds a lock, again and again until it does not. SQLite's own
 * waiting would block the event loop, and with it the very caller who is to give the lock back.
 *
 * @throws what `act` throws; that the database is locked only when it stays so.
 */
export async function whenUnlocked<Result>(act: () => Result): Promise<Result> {
  for (let attempt = 1; attempt < attempts; attempt++) {
    try {
      return act();
    } catch (error) {
      if (!isLocked(error)) throw error;
    }
    const pauseMs = Math.min(attempt, longestMs) * (0.5 + Math.random());
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return act();
}
