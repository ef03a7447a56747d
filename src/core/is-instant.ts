/** Whether a value can be an instant: a positive whole number of epoch milliseconds. */
export function isInstant(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
