import { beforeEach, describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../support/test-keyring.ts';

let store: EncryptedTokenStore;
let saved: SavedToken;

beforeEach(async () => {
  store = new EncryptedTokenStore({ backend: memoryBackend(), keyring: await testKeyring() });
  saved = await store.saveToken({
    userName: 'ann',
    clientId: 'web',
    accessToken: 'access-1',
    refreshToken: 'refresh-1',
  });
});

describe('a save that keeps the grant', () => {
  const answer = { grantToken: 'grant-2', accessToken: 'access-2', refreshToken: 'refresh-2' };

  test('finds the token by the spent grant from then on, whether it is the first save or not', async () => {
    for (const userName of ['ann', 'bob']) {
      const change = { ...answer, userName, grantToken: `grant-of-${userName}` };
      const after = await store.saveToken(change, { keepGrant: true });
      expect(after).toMatchObject(change);
      expect(await store.findToken({ grantToken: change.grantToken })).toEqual(after);
    }
  });

  test('keeps that grant through renewals, and through other saves that keep grants', async () => {
    await store.saveToken({ id: saved.id, ...answer }, { keepGrant: true });
    const renewed = await store.saveToken({ id: saved.id, accessToken: 'access-3' });
    expect(renewed).toMatchObject({ grantToken: 'grant-2', refreshToken: 'refresh-2', accessToken: 'access-3' });
    const same = await store.saveToken({ ...answer, id: saved.id }, { keepGrant: true });
    expect(same).toMatchObject(answer);
  });

  test('keeps none that it does not bring: a refresh token of another grant drops the stored one', async () => {
    await store.saveToken({ id: saved.id, ...answer }, { keepGrant: true });
    const other = await store.saveToken({ id: saved.id, refreshToken: 'refresh-3' }, { keepGrant: true });
    expect(other.grantToken).toBeUndefined();
    expect(await store.findToken({ grantToken: 'grant-2' })).toBeUndefined();
  });

  test('clears the grant with null all the same', async () => {
    await store.saveToken({ id: saved.id, ...answer }, { keepGrant: true });
    const change = { id: saved.id, grantToken: null, refreshToken: 'refresh-3' };
    expect((await store.saveToken(change, { keepGrant: true })).grantToken).toBeUndefined();
  });

  test('is the exception: without it a grant goes with the refresh token that it was exchanged for', async () => {
    expect((await store.saveToken({ id: saved.id, ...answer })).grantToken).toBeUndefined();
    expect((await store.saveToken({ ...answer, userName: 'bob' })).grantToken).toBeUndefined();
  });
});
