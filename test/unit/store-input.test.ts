import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { OAuthToken, TokenChange } from '../../src/core/oauth-token.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { testKeyring } from '../support/test-keyring.ts';

let store: EncryptedTokenStore;

beforeEach(async () => {
  store = new EncryptedTokenStore({ backend: memoryBackend(), keyring: await testKeyring() });
});
afterEach(() => vi.restoreAllMocks());

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;
const deep = JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown;

describe('a token that cannot be stored', () => {
  const refused: readonly [string, object][] = [
    ['an expiry that is NaN', { expiresAt: Number.NaN }],
    ['a negative expiry', { expiresAt: -1 }],
    ['an expiry of zero', { expiresAt: 0 }],
    ['an infinite expiry', { expiresAt: Number.POSITIVE_INFINITY }],
    ['an expiry in fractions of a millisecond', { expiresAt: 1.5 }],
    ['an expiry that is a text', { expiresAt: '1795000000000' }],
    ['a time of obtaining that is negative', { obtainedAt: -1 }],
    ['a wish to be kept fresh that is a text', { keepFresh: 'yes' }],
    ['a reason to sign in that nobody knows', { reauthRequired: { reason: 'bored', at: 1 } }],
    ['a reason to sign in without a time', { reauthRequired: { reason: 'refused' } }],
    ['a reason to sign in at no time', { reauthRequired: { reason: 'refused', at: 0 } }],
    ['a reason to sign in with more to say', { reauthRequired: { reason: 'refused', at: 1, who: 'ann' } }],
    ['a reason to sign in that is a text', { reauthRequired: 'refused' }],
    ['an empty text', { scope: '' }],
    ['a number for a text', { clientId: 7 }],
    ['an unknown field', { acessToken: 'misspelt' }],
    ['a revision below zero', { revision: -1 }],
    ['a revision in fractions', { revision: 1.5 }],
    ['a lone surrogate', { redirectUrl: 'https://app.example/\ud800' }],
    ['a field of 2 MiB', { idToken: 'x'.repeat(2_097_152) }],
    ['an access token over 64 KiB', { accessToken: 'x'.repeat(65_537) }],
    ['an empty id', { id: '' }],
    ['an id that is a number', { id: 7 }],
    ['an id with a lone surrogate', { id: 'a\ud800' }],
    ['an id over 256 bytes', { id: 'x'.repeat(257) }],
    ['extras that are a list', { extras: ['a'] }],
    ['extras that are a Date', { extras: new Date() }],
    ['extras with undefined', { extras: { a: undefined } }],
    ['extras with NaN', { extras: { a: { b: Number.NaN } } }],
    ['extras with a big integer', { extras: { a: 1n } }],
    ['extras with a function', { extras: { toJSON: () => 'something else' } }],
    ['extras with a Map', { extras: { a: new Map() } }],
    ['extras that contain themselves', { extras: cyclic }],
    ['extras of forty levels', { extras: { deep } }],
  ];
  test.each(refused)('%s is refused before anything is written', async (_, change) => {
    const saved = await store.saveToken({ userName: 'ann', accessToken: 'before' });
    await expectCode('E_INPUT', store.saveToken({ userName: 'ann', accessToken: 'after', ...change } as TokenChange));
    await expectCode('E_INPUT', store.saveToken({ userName: 'bob', refreshToken: 'new', ...change } as TokenChange));
    expect(await store.getTokens()).toEqual([saved]);
  });

  test.each([0, -1, 1.5, Number.NaN])('a page of %s records is refused, and not taken for the end', async (limit) => {
    await store.saveToken({ userName: 'ann', accessToken: 'a' });
    await expectCode('E_INPUT', store.getTokenPage({ limit }));
    await expectCode('E_INPUT', store.tokens({ limit }).next());
  });

  test('no token at all is refused for a new user', async () => {
    await expectCode('E_INPUT', store.saveToken({ userName: 'zed', clientId: 'web' }));
    await expectCode('E_QUERY', store.saveToken({ scope: 'read' }));
    expect(await store.getTokens()).toEqual([]);
  });

  test('case 29: when there are no random numbers, nothing is written', async () => {
    vi.spyOn(crypto, 'getRandomValues').mockImplementation(() => {
      throw new Error('no entropy');
    });
    await expect(store.saveToken({ id: 'chosen', accessToken: 'a' })).rejects.toThrow();
    expect(await store.getTokens()).toEqual([]);
  });
});

describe('hostile values', () => {
  test('case 63: __proto__ and constructor in extras are stored harmlessly', async () => {
    const extras = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"a":[{"__proto__":1}]}',
    );
    const saved = await store.saveToken({ userName: 'ann', accessToken: 'a', extras });
    const found = (await store.findToken({ userName: 'ann' })) as OAuthToken;
    for (const token of [saved, found]) {
      expect(JSON.stringify(token.extras)).toBe(JSON.stringify(extras));
      expect(Object.getPrototypeOf(token.extras)).toBe(Object.prototype);
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('case 63: a query or token with __proto__ as its user name is a plain name', async () => {
    const saved = await store.saveToken({ userName: '__proto__', accessToken: 'a' });
    expect(await store.findToken({ userName: '__proto__' })).toEqual(saved);
    expect(await store.findToken({ userName: 'constructor' })).toBeUndefined();
  });

  test('the caller’s objects are neither changed nor kept', async () => {
    const extras = { list: [1, 2] };
    const change = Object.freeze({ userName: 'ann', accessToken: 'a', extras });
    const saved = await store.saveToken(change);
    extras.list.push(3);
    expect(saved.extras).toEqual({ list: [1, 2] });
    expect((await store.findToken({ userName: 'ann' }))?.extras).toEqual({ list: [1, 2] });
  });

  const text = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 60 })
    .filter((value) => !/\p{Surrogate}/u.test(value));
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  test('any well-formed token comes back exactly, by each of its fields', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          userName: text,
          issuer: optional(text),
          clientId: optional(text),
          clientSecret: optional(text),
          redirectUrl: optional(text),
          accessToken: text,
          refreshToken: text,
          expiresAt: optional(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
          apiDomain: optional(text),
          scope: optional(text),
          tokenType: optional(text),
          idToken: optional(text),
          extras: optional(fc.dictionary(text, fc.jsonValue())),
        }),
        async (token) => {
          await store.deleteTokens();
          const saved = await store.saveToken(token as TokenChange);
          // what JSON cannot tell apart, such as -0 and 0, is no difference
          expect(saved).toEqual(JSON.parse(JSON.stringify({ ...token, id: saved.id, revision: 1 })));
          const { userName, issuer, clientId, refreshToken } = token;
          const byUser = { userName, issuer, clientId } as TokenChange;
          expect(await store.findToken(byUser as OAuthToken)).toEqual(saved);
          expect(await store.findToken({ refreshToken })).toEqual(saved);
          expect(await store.findTokenById(saved.id)).toEqual(saved);
        },
      ),
      { numRuns: 60 },
    );
  });
});
