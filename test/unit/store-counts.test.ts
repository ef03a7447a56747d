import { beforeAll, describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { countCrypto } from '../support/count-crypto.ts';
import { testKeyring } from '../support/test-keyring.ts';

const token = {
  userName: 'ann',
  clientId: 'web',
  accessToken: 'access-1',
  refreshToken: 'refresh-1',
  expiresAt: 1_795_000_000_000,
};
const seal = { deriveBits: 1, importKey: 1, encrypt: 1 };
const open = { deriveBits: 1, importKey: 1, decrypt: 1 };

let store: EncryptedTokenStore;
let id: string;

beforeAll(async () => {
  store = new EncryptedTokenStore({ backend: memoryBackend(), keyring: await testKeyring() });
  ({ id } = await store.saveToken(token)); // also derives the keys of the lookups, once for each root and field
});

describe('Web Crypto calls', () => {
  test('to find by id: one opening', async () => {
    expect(await countCrypto(() => store.findTokenById(id))).toEqual(open);
  });

  test('to find by a field: one lookup and one opening', async () => {
    expect(await countCrypto(() => store.findToken({ userName: 'ann' }))).toEqual({ ...open, sign: 1 });
    expect(await countCrypto(() => store.findToken({ refreshToken: 'refresh-1' }))).toEqual({ ...open, sign: 1 });
  });

  test('to miss: one lookup', async () => {
    expect(await countCrypto(() => store.findToken({ userName: 'nobody' }))).toEqual({ sign: 1 });
    expect(await countCrypto(() => store.findTokenById('nobody'))).toEqual({});
  });

  test('to save a known token: one lookup, one opening, one sealing, and a lookup for each field and the identity', async () => {
    expect(await countCrypto(() => store.saveToken({ userName: 'ann', accessToken: 'access-2' }))).toEqual({
      deriveBits: 2,
      importKey: 2,
      decrypt: 1,
      encrypt: 1,
      sign: 1 + 3 + 1,
    });
  });

  test('to save a rotated refresh token: one digest more, of the token it replaced', async () => {
    expect(await countCrypto(() => store.saveToken({ id, refreshToken: 'refresh-2' }))).toMatchObject({ digest: 1 });
  });

  test('to save a new token: one lookup, one sealing, and a lookup for each field and the identity', async () => {
    const change = { userName: 'bob', accessToken: 'access-of-bob' };
    expect(await countCrypto(() => store.saveToken(change))).toEqual({ ...seal, sign: 1 + 2 + 1 });
  });

  test('to delete: none', async () => {
    expect(await countCrypto(() => store.deleteToken(id))).toEqual({});
  });
});
