/** What the backend asked the file system, and what it is to get instead of an answer. */
export const observedFs: {
  /** The calls that were made, by the name of the function. */
  calls: Record<string, number>;
  /** Called before each call; what it throws is what the file system does. */
  before: (name: string, args: readonly unknown[]) => void;
} = { calls: {}, before: () => undefined };

/** `node:fs`, observed: `vi.mock('node:fs', async (original) => observeFs(await original()))`. */
export function observeFs<T extends object>(fs: T): T {
  const observed = Object.entries(fs).map(([name, value]) => {
    if (typeof value !== 'function' || /^[A-Z]/.test(name)) return [name, value];
    const observe = (...args: readonly unknown[]): unknown => {
      observedFs.calls[name] = (observedFs.calls[name] ?? 0) + 1;
      try {
        observedFs.before(name, args);
      } catch (error) {
        const done = args.at(-1);
        if (typeof done !== 'function') throw error;
        return queueMicrotask(() => done(error));
      }
      return value(...args);
    };
    return [name, Object.assign(observe, value)];
  });
  return { ...Object.fromEntries(observed), default: fs } as T;
}
