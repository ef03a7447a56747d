import { inspect } from 'node:util';
import { expect } from 'vitest';

/** What no error may hold. Servers in tests put it wherever a token or text of theirs can stand. */
export const marker = 'LEAK-SENTINEL-b1946ac92492d2347c6235b4d2611184';

/** The error a promise rejects with, after checking that nothing one can print of it holds the marker. */
export async function silentFailure(promise: Promise<unknown>): Promise<unknown> {
  const error: unknown = await promise.then(
    () => {
      throw new Error('A failure was expected');
    },
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  const { stack, message, cause } = error as Error;
  expect(cause).toBeUndefined();
  const prints = [
    inspect(error, { depth: Infinity, showHidden: true, getters: true }),
    JSON.stringify(error),
    stack,
    message,
  ];
  for (const print of prints) expect(print).not.toContain(marker);
  return error;
}
