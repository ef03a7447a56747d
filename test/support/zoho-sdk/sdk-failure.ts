import { inspect } from 'node:util';
import * as sdk from '@zohocrm/typescript-sdk-8.0';
import { expect } from 'vitest';
import { findTraces } from '../find-traces.ts';

/**
 * Expects the store to fail as the SDK's own stores do: with an `SDKException` of that very copy and the code `TOKEN_STORE`, which
 * holds none of the secrets however it is printed.
 *
 * @returns the message, which begins with the code of tokenkeep.
 */
export async function sdkFailure(work: Promise<unknown>, secrets: Iterable<string> = []): Promise<string> {
  const error: unknown = await work.then(
    () => 'no error',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(sdk.SDKException);
  const exception = error as sdk.SDKException;
  const { message } = exception;
  expect(exception).toMatchObject({ code: 'TOKEN_STORE', cause: undefined });
  // twice: the SDK's toString() appends to the message
  expect([String(exception), String(exception)]).toEqual(Array(2).fill(`Caused By : TOKEN_STORE - ${message}`));
  const printed = [message, String(exception), inspect(exception, { depth: 20, showHidden: true }), exception.stack];
  expect(findTraces(new TextEncoder().encode(printed.join('\n')), [...secrets])).toEqual([]);
  return message;
}
