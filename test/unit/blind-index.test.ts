import { describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { blindIndex } from '../../src/crypto/blind-index.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { toHex } from '../support/hex.ts';
import { keyringOf, randomRoot, testKeyring } from '../support/test-keyring.ts';

const newStore = async () => {
  const backend = memoryBackend();
  return { backend, store: new EncryptedTokenStore({ backend, keyring: await testKeyring() }) };
};

describe('lookups', () => {
  test('case 38: differ by field, by tenant and by root, and by nothing else', async () => {
    const [one, two] = [await randomRoot(), await randomRoot()];
    const values = await Promise.all([
      blindIndex(one, 'acme', 'userName', 'ann'),
      blindIndex(one, 'acme', 'accessToken', 'ann'),
      blindIndex(one, 'other', 'userName', 'ann'),
      blindIndex(two, 'acme', 'userName', 'ann'),
      blindIndex(one, 'acme', 'userName', 'bob'),
    ]);
    expect(new Set(values.map(toHex)).size).toBe(values.length);
    expect(await blindIndex(one, 'acme', 'userName', 'ann')).toEqual(values[0]);
  });

  test('case 38: a tenant and a value that read alike when joined differ', async () => {
    const root = await randomRoot();
    expect(await blindIndex(root, 'ab', 'userName', 'c')).not.toEqual(await blindIndex(root, 'a', 'userName', 'bc'));
  });

  const lookalikes = [
    'é',
    'e\u0301',
    'ann',
    'Ann',
    'ann ',
    'a\u200bnn',
    'ann\0',
    '\u202eann',
    '𝒶nn',
    "O'Brien",
    '1 or 1=1',
    'a,b',
    'a\nb',
    '👩‍👩‍👧',
    '__proto__',
    'x'.repeat(65_536),
  ];
  test('case 39: values that look alike are different users, each found exactly', async () => {
    const { store } = await newStore();
    const saved = [];
    for (const userName of lookalikes)
      saved.push(await store.saveToken({ userName, accessToken: `of-${saved.length}` }));
    for (const [i, userName] of lookalikes.entries()) expect(await store.findToken({ userName })).toEqual(saved[i]);
    expect(await store.getTokens()).toHaveLength(lookalikes.length);
  });

  test('case 39: a value over 64 KiB is refused and nothing is written', async () => {
    const { store } = await newStore();
    await expectCode('E_INPUT', store.saveToken({ userName: 'x'.repeat(65_537), accessToken: 'a' }));
    await expectCode('E_INPUT', store.saveToken({ userName: 'ann', accessToken: 'é'.repeat(32_769) }));
    expect(await store.getTokens()).toEqual([]);
  });

  test('case 40: a lone surrogate is refused in ids, tenants and values, before anything is written', async () => {
    const { backend, store } = await newStore();
    const keyring = await testKeyring();
    await expectCode('E_INPUT', () => new EncryptedTokenStore({ backend, keyring, tenant: 'a\ud800' }));
    for (const change of [
      { id: '\udc00' },
      { userName: '\ud800x' },
      { clientSecret: 'x\udfff' },
      { accessToken: '\ud83d' },
    ]) {
      await expectCode('E_INPUT', store.saveToken({ accessToken: 'a', ...change }));
    }
    await expectCode('E_INPUT', store.findToken({ userName: '\ud800' }));
    expect(await store.getTokens()).toEqual([]);
  });

  test('case 41: an empty value is refused, and a missing field has no lookup', async () => {
    const { backend, store } = await newStore();
    await expectCode('E_INPUT', blindIndex(await randomRoot(), 'acme', 'userName', ''));
    await expectCode('E_INPUT', store.saveToken({ userName: '', accessToken: 'a' }));
    await expectCode(
      'E_INPUT',
      async () => new EncryptedTokenStore({ backend, keyring: await testKeyring(), tenant: '' }),
    );
    const { id } = await store.saveToken({ accessToken: 'only-an-access-token' });
    expect(Object.keys((await backend.get('default/tokens', id))?.lookups ?? {})).toEqual(['accessToken']);
  });

  test('case 42: two records of one user are both found and verified, and told apart by client or issuer', async () => {
    const { store } = await newStore();
    const web = await store.saveToken({ userName: 'ann', clientId: 'web', accessToken: 'one' });
    const app = await store.saveToken({ userName: 'ann', clientId: 'app', accessToken: 'two' });
    expect(await store.findToken({ userName: 'ann', clientId: 'web' })).toEqual(web);
    expect(await store.findToken({ userName: 'ann', clientId: 'app' })).toEqual(app);
    expect(await store.findToken({ userName: 'ann', clientId: 'other' })).toBeUndefined();
    expect((await expectCode('E_AMBIGUOUS', store.findToken({ userName: 'ann' }))).message).toContain('clientId');
    await store.saveToken({ userName: 'bob', issuer: 'https://one.example', accessToken: 'three' });
    await store.saveToken({ userName: 'bob', issuer: 'https://two.example', accessToken: 'four' });
    expect((await expectCode('E_AMBIGUOUS', store.findToken({ userName: 'bob' }))).message).toContain('issuer');
  });

  test('case 43: while two index keys are in use, a known token is updated and not inserted again', async () => {
    const [old, young] = [await randomRoot(), await randomRoot()];
    const backend = memoryBackend();
    const before = new EncryptedTokenStore({ backend, keyring: keyringOf([old]) });
    const after = new EncryptedTokenStore({ backend, keyring: keyringOf([young, old]) });
    const first = await before.saveToken({ userName: 'ann', refreshToken: 'refresh' });
    const second = await after.saveToken({ userName: 'ann', accessToken: 'access' });
    expect(second).toMatchObject({ id: first.id, revision: 2, refreshToken: 'refresh' });
    expect(await after.getTokens()).toHaveLength(1);
  });

  test('case 45: during an index rotation lookups under both keys find, and a save moves the record to the new one', async () => {
    const [old, young] = [await randomRoot(), await randomRoot()];
    const backend = memoryBackend();
    const before = new EncryptedTokenStore({ backend, keyring: keyringOf([old]) });
    const ann = await before.saveToken({ userName: 'ann', refreshToken: 'refresh-of-ann' });
    const bob = await before.saveToken({ userName: 'bob', refreshToken: 'refresh-of-bob' });
    const during = new EncryptedTokenStore({ backend, keyring: keyringOf([old, young], young) });
    for (const query of [{ userName: 'ann' }, { refreshToken: 'refresh-of-ann' }]) {
      expect(await during.findTokens(query)).toEqual([ann]);
    }
    await during.saveToken({ id: ann.id, accessToken: 'access-of-ann' });
    expect((await backend.get('default/tokens', ann.id))?.indexKeyId).toBe(young.keyId);
    expect((await backend.get('default/tokens', ann.id))?.keyId).toBe(old.keyId);
    expect(await during.findToken({ userName: 'ann' })).toMatchObject({ id: ann.id, accessToken: 'access-of-ann' });
    expect(await during.findTokens({ userName: 'bob' })).toEqual([bob]);
    // the old index key finds only what has not moved: no old lookup is left behind
    expect(await before.findToken({ userName: 'ann' })).toBeUndefined();
    expect(await before.findToken({ userName: 'bob' })).toEqual(bob);
  });

  test('case 66: a record sealed by a key that is pending here opens and is found', async () => {
    const [current, next] = [await randomRoot(), await randomRoot()];
    const backend = memoryBackend();
    const promoted = new EncryptedTokenStore({ backend, keyring: keyringOf([next, current]) });
    const waiting = new EncryptedTokenStore({ backend, keyring: keyringOf([current, { ...next, status: 'pending' }]) });
    const saved = await promoted.saveToken({ userName: 'ann', accessToken: 'a' });
    expect(await waiting.findToken({ userName: 'ann' })).toEqual(saved);
  });
});
