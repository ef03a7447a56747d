import { expect } from 'vitest';
import { type ErrorCode, TokenkeepError } from '../../src/core/tokenkeep-error.ts';

/** Expects a rejection with this code, and with nothing behind it that could hold a secret. Resolves with the error. */
export async function expectCode(
  code: ErrorCode,
  work: PromiseLike<unknown> | (() => unknown),
): Promise<TokenkeepError> {
  let outcome: unknown = 'no error';
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    outcome = error;
  }
  expect(outcome).toBeInstanceOf(TokenkeepError);
  const error = outcome as TokenkeepError;
  expect(error.code).toBe(code);
  expect(error.cause).toBeUndefined();
  return error;
}
