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
    for (const signal of signals) process.off(signal, interrupt);
  };
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    stopListening();
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const;
