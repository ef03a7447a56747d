import { beforeAll, describe, expect, test } from 'vitest';
import { fromBase64url, toBase64url } from '../../src/core/base64url.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { openRecord } from '../../src/crypto/open-record.ts';
import { sealRecord } from '../../src/crypto/seal-record.ts';
import { expectCode } from '../support/expect-code.ts';

interface Setting {
  v: number;
  primary: string;
  index: string;
  keys: { kid: string; k: string; status: string }[];
}

let one: Setting;
let two: Setting;
let key: Setting['keys'][number];
const context = { schema: 1, tenant: 't', collection: 'c', id: 'i', revision: 1, expiresAt: 0 };

beforeAll(async () => {
  one = JSON.parse(await generateKeyring()) as Setting;
  two = JSON.parse(await generateKeyring()) as Setting;
  key = one.keys[0] as Setting['keys'][number];
});

const withKey = (change: object): object => ({ ...one, keys: [{ ...key, ...change }] });
const bytes = (length: number, value?: number) =>
  toBase64url(
    value === undefined ? crypto.getRandomValues(new Uint8Array(length)) : new Uint8Array(length).fill(value),
  );

describe('a keyring setting', () => {
  test('that was generated seals and opens', async () => {
    const keyring = await importKeyring(JSON.stringify(one));
    const { keyId, sealed } = await sealRecord(keyring, context, Uint8Array.of(1, 2, 3));
    expect(keyId).toBe(one.primary);
    expect(await openRecord(keyring, context, sealed)).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('is a new one each time, with 32 bytes of its own', () => {
    expect(key.k).not.toBe(two.keys[0]?.k);
    expect(fromBase64url(key.k)).toHaveLength(32);
  });

  test('may come from a binding that yields it', async () => {
    const keyring = await importKeyring({ get: async () => JSON.stringify(one) });
    expect(keyring.info()).toEqual([{ keyId: one.primary, status: 'enabled', primary: true, primaryIndex: true }]);
  });

  test('may be spread over several lines', async () => {
    expect((await importKeyring(`${JSON.stringify(one, undefined, 2)}\n`)).info()).toHaveLength(1);
  });

  test('may hold keys in several states', async () => {
    const keys = [key, { ...(two.keys[0] as typeof key), status: 'pending' }];
    const keyring = await importKeyring(JSON.stringify({ ...one, keys }));
    expect(keyring.indexRoots().map(({ keyId }) => keyId)).toEqual([one.primary, two.primary]);
    expect(keyring.openingRoot(two.primary).keyId).toBe(two.primary);
    expect(keyring.sealingRoot().keyId).toBe(one.primary);
    expect(keyring.info()).toEqual([
      { keyId: one.primary, status: 'enabled', primary: true, primaryIndex: true },
      { keyId: two.primary, status: 'pending', primary: false, primaryIndex: false },
    ]);
  });

  test('may hold a disabled key, which neither opens nor is looked up', async () => {
    const keys = [key, { ...(two.keys[0] as typeof key), status: 'disabled' }];
    const keyring = await importKeyring(JSON.stringify({ ...one, keys }));
    expect(keyring.indexRoots().map(({ keyId }) => keyId)).toEqual([one.primary]);
    await expectCode('E_KEY_DISABLED', () => keyring.openingRoot(two.primary));
  });

  test('leaves no copy of its bytes behind once it is imported', async () => {
    const seen: Uint8Array[] = [];
    const original = crypto.subtle.importKey;
    crypto.subtle.importKey = function importKey(...args: unknown[]) {
      seen.push(args[1] as Uint8Array);
      return (original as (...args: unknown[]) => Promise<CryptoKey>).apply(crypto.subtle, args);
    } as typeof original;
    try {
      await importKeyring(JSON.stringify({ ...two }));
      await importKeyring(await generateKeyring());
    } finally {
      crypto.subtle.importKey = original;
    }
    expect(seen.length).toBeGreaterThanOrEqual(3);
    for (const bytes of seen) expect(bytes).toEqual(new Uint8Array(32));
  });

  test('is imported once, however often it is asked for', async () => {
    const setting = JSON.stringify(two);
    expect(await importKeyring(setting)).toBe(await importKeyring(setting));
    expect(await importKeyring(setting)).not.toBe(await importKeyring(JSON.stringify(one)));
  });

  const refused: readonly [what: string, make: () => unknown, reason: string][] = [
    ['is missing', () => undefined, 'missing'],
    ['is empty', () => '', 'missing'],
    ['is not JSON', () => 'SECRET-not-json', 'not JSON'],
    ['is JSON of another shape', () => '"SECRET"', 'shape'],
    ['is a list', () => JSON.stringify([one]), 'shape'],
    ['is null', () => 'null', 'shape'],
    ['is of another version', () => ({ ...one, v: 2 }), 'version'],
    ['has an unknown property', () => ({ ...one, secondary: one.primary }), 'properties'],
    ['lacks a property', () => ({ v: 1, primary: one.primary, keys: one.keys }), 'properties'],
    ['has no keys', () => ({ ...one, keys: [] }), 'no keys'],
    ['has keys that are no list', () => ({ ...one, keys: key }), 'no keys'],
    ['has a key with an unknown property', () => withKey({ note: 'x' }), 'properties'],
    ['has a key that is null', () => ({ ...one, keys: [null] }), 'shape'],
    ['has an empty key', () => withKey({ k: '' }), '32 random bytes'],
    ['has a key of 31 bytes', () => withKey({ k: bytes(31) }), '32 random bytes'],
    ['has a key of 33 bytes', () => withKey({ k: bytes(33) }), '32 random bytes'],
    ['has a key of equal bytes', () => withKey({ k: bytes(32, 0) }), '32 random bytes'],
    ['has a key in padded base64', () => withKey({ k: `${key.k}=` }), 'base64url'],
    ['has a key in base64 that is not canonical', () => withKey({ k: nonCanonical(key.k) }), 'base64url'],
    ['has a key that is no text', () => withKey({ k: 7 }), 'base64url'],
    ['has a key whose id is another', () => withKey({ kid: two.primary }), 'another id'],
    ['has a key id in capitals', () => withKey({ kid: 'ABCDEF01' }), 'malformed id'],
    ['has a key id that is too long', () => withKey({ kid: `${key.kid}0` }), 'malformed id'],
    ['has a key id with something before it', () => withKey({ kid: `x${key.kid}` }), 'malformed id'],
    ['has a key id that is no text', () => withKey({ kid: [key.kid] }), 'malformed id'],
    ['has an index key id that is no text', () => ({ ...one, index: [one.index] }), 'malformed primary or index'],
    ['has a malformed primary key id', () => ({ ...one, primary: 'first' }), 'malformed primary or index'],
    ['is a number', () => 7 as unknown, 'missing'],
    ['has a key with an unknown status', () => withKey({ status: 'primary' }), 'status'],
    ['has one key twice', () => ({ ...one, keys: [key, key] }), 'same key twice'],
    ['has two primaries', () => ({ ...one, primary: [one.primary, two.primary] }), 'primary'],
    ['names two primaries', () => JSON.stringify(one).replace('{', `{"primary":"${two.primary}",`), 'twice'],
    [
      'has a key that is there twice',
      () => JSON.stringify(one).replace('"k":', `"k":"${two.keys[0]?.k}","k":`),
      'twice',
    ],
    ['has a primary that is not among the keys', () => ({ ...one, primary: two.primary }), 'primary key'],
    ['has an index key that is not among the keys', () => ({ ...one, index: two.primary }), 'index key'],
    ['has a disabled primary', () => withKey({ status: 'disabled' }), 'primary key'],
    ['has a pending primary', () => withKey({ status: 'pending' }), 'primary key'],
  ];
  test.each(refused)('case 30: is refused when it %s, without being quoted', async (_, make, reason) => {
    const made = make();
    const setting = typeof made === 'object' ? JSON.stringify(made) : (made as string | undefined);
    const { message, stack } = await expectCode('E_KEYRING', importKeyring(setting));
    expect(message).toContain(reason);
    for (const secret of ['SECRET', key.k.slice(0, 8), (two.keys[0] as typeof key).k.slice(0, 8)]) {
      expect(message + stack).not.toContain(secret);
    }
  });

  test('case 30: is refused when its index key is disabled', async () => {
    const keys = [key, { ...(two.keys[0] as typeof key), status: 'disabled' }];
    await expectCode('E_KEYRING', importKeyring(JSON.stringify({ ...one, index: two.primary, keys })));
  });

  test('that its binding does not yield is a storage error without the cause', async () => {
    await expectCode('E_STORAGE', importKeyring({ get: () => Promise.reject(new Error('SECRET')) }));
  });

  test('that failed once can be asked for again', async () => {
    let calls = 0;
    const source = { get: async () => (++calls === 1 ? 'broken' : JSON.stringify(one)) };
    await expectCode('E_KEYRING', importKeyring(source));
    expect((await importKeyring(source)).info()).toHaveLength(1);
  });
});

/** The same bytes in a base64url text whose unused last bits are not zero. */
function nonCanonical(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1) as string) ^ 1];
}
