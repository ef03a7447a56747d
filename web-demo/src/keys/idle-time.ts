const storageKey = 'tokenkeep-demo-idle';

/** The choices of when the vault locks by itself, in milliseconds; the first one is the default. */
export const idleTimes: readonly { readonly ms: number | undefined; readonly name: string }[] = [
  { ms: undefined, name: 'never' },
  { ms: 60_000, name: 'after 1 minute' },
  { ms: 300_000, name: 'after 5 minutes' },
];

/** The choice of this browser: all tabs have the same. */
export function idleTime(): number | undefined {
  const stored = Number(localStorage.getItem(storageKey));
  return idleTimes.find(({ ms }) => ms === stored)?.ms;
}

/** Remembers the choice. */
export function chooseIdleTime(ms: number | undefined): void {
  if (ms === undefined) localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, String(ms));
}
