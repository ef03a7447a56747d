import { endingSignals } from './until-interrupted.ts';

/**
 * Starts something that would end the process on Ctrl-C, and takes that from it: what is under way is to end in its own time.
 */
export async function withSignalsKept<Result>(start: () => Promise<Result>): Promise<Result> {
  const before = new Set(endingSignals.flatMap((signal) => process.listeners(signal)));
  try {
    return await start();
  } finally {
    for (const signal of endingSignals) {
      for (const listener of process.listeners(signal)) if (!before.has(listener)) process.off(signal, listener);
    }
  }
}
