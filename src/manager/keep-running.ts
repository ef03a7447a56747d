/** Keeps the runtime alive until the work has ended, well or not. Never throws, and leaves no rejection unhandled. */
export type KeepRunning = (work: Promise<unknown>) => void;

/** Makes it of what the runtime has for that, if anything. */
export function keepRunningBy(waitUntil: ((work: Promise<unknown>) => void) | undefined): KeepRunning {
  return (work) => {
    const quiet = work.catch(() => undefined);
    try {
      waitUntil?.(quiet);
    } catch {
      // called outside a request, or without its context: the work is under way and must not be lost for that
    }
  };
}
