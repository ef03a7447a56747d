import { expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { failures } from '../support/failures.ts';
import { findTraces } from '../support/find-traces.ts';

test('case 62: no error shows a secret, whichever way it is printed, and none has a cause', async () => {
  const { secrets, errors } = await failures();
  for (const error of errors as TokenkeepError[]) {
    expect(error, String(error)).toBeInstanceOf(TokenkeepError);
    expect(error.cause).toBeUndefined();
    const properties = Object.getOwnPropertyNames(error).map((name) => Reflect.get(error, name) as unknown);
    const printed = [
      String(error),
      `${error}`,
      error.stack,
      JSON.stringify(error),
      error.message,
      ...properties.map(String),
    ];
    const clone = structuredClone(error);
    printed.push(String(clone), JSON.stringify(clone));
    expect(findTraces(new TextEncoder().encode(printed.join('\n')), secrets)).toEqual([]);
  }
});

test('a keyring setting in place of a keyring is refused without being quoted', async () => {
  const setting = await generateKeyring();
  for (const keyring of [setting, undefined, null]) {
    const make = () => new EncryptedTokenStore({ backend: memoryBackend(), keyring: keyring as never });
    const error = await expectCode('E_KEYRING', make);
    expect(findTraces(new TextEncoder().encode(String(error.stack)), [setting])).toEqual([]);
  }
});

test('an error has no field that nobody set', () => {
  expect(Object.keys(new TokenkeepError('E_NETWORK', 'x'))).toEqual(['name', 'code']);
  const detail = { oauthError: 'invalid_grant', retryAfterMs: 1, inDoubt: false, reason: 'refused' } as const;
  expect(new TokenkeepError('E_OAUTH', 'x', detail)).toMatchObject(detail);
});

test('every error says in one lower-case sentence what happened and what to do next', async () => {
  for (const { message } of (await failures()).errors as Error[]) {
    expect(message).toMatch(/^[a-z][^\n]+[;,:] [^\n]+[^.]$/);
  }
});

test('case 62: a store, a keyring and a source print nothing of what they hold', async () => {
  const { secrets, objects } = await failures();
  for (const object of objects.slice(0, 3)) {
    const printed = `${JSON.stringify(object)}${object}${Object.values(object).map(String).join('\n')}`;
    expect(findTraces(new TextEncoder().encode(printed), secrets)).toEqual([]);
  }
});
