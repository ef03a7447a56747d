/**
 * Expects a number above `low` and not above `high`.
 *
 * @param what names the value in the message.
 * @throws `Error` with the value.
 */
export function assertBetween(actual: number | undefined, low: number, high: number, what: string): void {
  if (actual === undefined || !(actual > low && actual <= high)) {
    throw new Error(`${what}: expected more than ${low} and at most ${high}, got ${String(actual)}`);
  }
}
