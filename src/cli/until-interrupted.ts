/**
 * Does work that Ctrl-C (or SIGTERM) ends in its own time. A second one ends the process at once.
 *
 * @param work gets the signal to look at.
 */
export async function untilInterrupted<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    stopListening();
    interruption.abort();
  };
  const stopListening = (): void => {
    for (const signal of endingSignals) process.off(signal, interrupt);
  };
  for (const signal of endingSignals) process.on(signal, interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    stopListening();
  }
}

/** What asks a process to end. */
export const endingSignals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Whether a failure is that of an interruption. Ctrl-C goes to all processes of a terminal: a database that was started here ends
 * of it, too, and may be noticed to be gone a moment before the signal is.
 */
export async function wasInterrupted(signal: AbortSignal): Promise<boolean> {
  if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 100));
  return signal.aborted;
}
