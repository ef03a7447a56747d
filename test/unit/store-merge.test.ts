import { beforeEach, describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { OAuthToken, SavedToken } from '../../src/core/oauth-token.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { testKeyring } from '../support/test-keyring.ts';

let backend: RecordBackend;
let store: EncryptedTokenStore;
let saved: SavedToken;

const full: OAuthToken = {
  userName: 'ann',
  issuer: 'https://issuer.example',
  clientId: 'web',
  accessToken: 'access-1',
  refreshToken: 'refresh-1',
  expiresAt: 1_795_000_000_000,
  scope: 'read write',
  apiDomain: 'https://api.example',
  extras: { a: 1, b: 2 },
};

beforeEach(async () => {
  backend = memoryBackend();
  store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
  saved = await store.saveToken(full);
});

const { id: _, ...ann } = { id: '', ...full };

describe('what a save keeps', () => {
  test('a refresh answer without a refresh token keeps the old one, the scope and the API domain', async () => {
    const after = await store.saveToken({ id: saved.id, accessToken: 'access-2', expiresAt: 1_796_000_000_000 });
    expect(after).toEqual({ ...ann, id: saved.id, revision: 2, accessToken: 'access-2', expiresAt: 1_796_000_000_000 });
    expect(await store.findTokenById(saved.id)).toEqual(after);
  });

  test('a new access token without an expiry does not inherit the old one’s', async () => {
    const after = await store.saveToken({ id: saved.id, accessToken: 'access-2' });
    expect(after.expiresAt).toBeUndefined();
    expect((await store.saveToken({ id: saved.id, accessToken: 'access-2', scope: 'read' })).scope).toBe('read');
  });

  test('the same access token, saved again, keeps its expiry', async () => {
    const after = await store.saveToken({ id: saved.id, accessToken: 'access-1', scope: 'read' });
    expect(after).toMatchObject({ expiresAt: full.expiresAt, scope: 'read', revision: 2 });
  });

  test('a grant token stays until a refresh token arrives', async () => {
    await store.saveToken({ id: saved.id, grantToken: 'grant-2' });
    for (const change of [{ scope: 'read' }, { refreshToken: null }, { accessToken: 'access-2' }]) {
      expect((await store.saveToken({ id: saved.id, ...change })).grantToken).toBe('grant-2');
    }
    expect((await store.saveToken({ id: saved.id, refreshToken: 'refresh-2' })).grantToken).toBeUndefined();
  });

  test('a new refresh token without an access token drops the old access token', async () => {
    const after = await store.saveToken({ userName: 'ann', refreshToken: 'refresh-of-another-grant' });
    expect(after).toMatchObject({ id: saved.id, refreshToken: 'refresh-of-another-grant' });
    expect(after.accessToken).toBeUndefined();
    expect(after.expiresAt).toBeUndefined();
    expect(await store.findToken({ accessToken: 'access-1' })).toBeUndefined();
  });

  test('a field is cleared with null, and then is found no more', async () => {
    const after = await store.saveToken({ id: saved.id, refreshToken: null, extras: null, scope: null });
    expect(Object.keys(after).sort()).toEqual(
      ['accessToken', 'apiDomain', 'clientId', 'expiresAt', 'id', 'issuer', 'revision', 'userName'].sort(),
    );
    expect(await store.findToken({ refreshToken: 'refresh-1' })).toBeUndefined();
  });

  test('undefined means the same as a missing field', async () => {
    const after = await store.saveToken({ id: saved.id, refreshToken: undefined, accessToken: 'access-2' } as never);
    expect(after.refreshToken).toBe('refresh-1');
  });

  test('extras are one field: new ones replace the old', async () => {
    expect((await store.saveToken({ id: saved.id, extras: { c: 3 } })).extras).toEqual({ c: 3 });
  });

  test('a spent grant token is dropped when a refresh token arrives', async () => {
    const { id } = await store.saveToken({ userName: 'bob', clientId: 'web', grantToken: 'grant-1' });
    const after = await store.saveToken({ grantToken: 'grant-1', accessToken: 'a', refreshToken: 'r' });
    expect(after).toEqual({ id, revision: 2, userName: 'bob', clientId: 'web', accessToken: 'a', refreshToken: 'r' });
    expect(await store.findToken({ grantToken: 'grant-1' })).toBeUndefined();
  });

  test('a token of another user, issuer or client, saved by id, keeps nothing of the one before', async () => {
    for (const other of [{ userName: 'bob' }, { issuer: 'https://other.example' }, { clientId: 'app' }]) {
      for (const token of [{ accessToken: 'a' }, { refreshToken: 'r' }, { grantToken: 'g' }]) {
        const { id } = await store.saveToken({ ...full, userName: 'eve', accessToken: 'e1', refreshToken: 'e2' });
        const after = await store.saveToken({ id, ...other, ...token });
        expect(after).toEqual({ id, revision: 2, ...other, ...token });
        await store.deleteToken(id);
      }
    }
  });

  test('a name that is corrected, or added, leaves the tokens alone', async () => {
    const renamed = await store.saveToken({ id: saved.id, userName: 'anna' });
    expect(renamed).toEqual({ ...saved, userName: 'anna', revision: 2 });
    const { id } = await store.saveToken({ accessToken: 'a1', refreshToken: 'r1' });
    const named = await store.saveToken({ id, userName: 'bob', clientId: 'web', accessToken: 'a2' });
    expect(named).toMatchObject({ userName: 'bob', accessToken: 'a2', refreshToken: 'r1' });
  });

  test('a new grant for a known user is kept beside the stored tokens: it is a new sign-in', async () => {
    const after = await store.saveToken({ userName: 'ann', grantToken: 'grant-2' });
    expect(after).toMatchObject({ id: saved.id, grantToken: 'grant-2', refreshToken: 'refresh-1' });
    const same = await store.saveToken({ userName: 'ann', grantToken: 'grant-3', refreshToken: 'refresh-1' });
    expect(same.grantToken).toBe('grant-3');
  });
});

describe('which token a save updates', () => {
  test('one user with two clients or two issuers has two records', async () => {
    await store.saveToken({ ...full, clientId: 'app', accessToken: 'a2', refreshToken: 'r2' });
    await store.saveToken({ ...full, issuer: 'https://other.example', accessToken: 'a3', refreshToken: 'r3' });
    expect(await store.getTokens()).toHaveLength(3);
    expect(await store.findTokenById(saved.id)).toEqual(saved);
  });

  test('the id wins over every other field', async () => {
    const bob = await store.saveToken({ userName: 'bob', accessToken: 'b' });
    const others = { userName: 'ann', accessToken: 'access-1', clientId: 'another', issuer: 'https://other.example' };
    expect((await store.findToken({ id: bob.id, ...others }))?.userName).toBe('bob');
  });

  test('an id nobody has is a new record with that id', async () => {
    const after = await store.saveToken({ id: 'chosen', userName: 'carol', accessToken: 'c' });
    expect(after).toEqual({ id: 'chosen', revision: 1, userName: 'carol', accessToken: 'c' });
  });

  test('a user, issuer and client stored under another id are a conflict, not a second record', async () => {
    const second = { ...full, id: 'second', accessToken: 'x', refreshToken: 'y' };
    const { message } = await expectCode('E_CONFLICT', store.saveToken(second));
    expect(message).toContain('another id');
    expect(await store.getTokens()).toEqual([saved]);
  });

  test('an access token finds without client credentials, and with them only as a last resort', async () => {
    const bare = await store.saveToken({ accessToken: 'bare-access' });
    expect(await store.findToken({ accessToken: 'bare-access' })).toEqual(bare);
    expect(await store.findToken({ accessToken: 'access-1', clientId: 'web' })).toEqual(saved);
    expect(await store.findToken({ accessToken: 'access-1', clientId: 'other' })).toBeUndefined();
    expect(
      await store.findToken({ accessToken: 'access-1', clientId: 'web', refreshToken: 'unknown' }),
    ).toBeUndefined();
  });

  test('a renewed token without a user is recognised by the token that did not change', async () => {
    const first = await store.saveToken({ accessToken: 'bare-1', refreshToken: 'bare-refresh' });
    const second = await store.saveToken({ accessToken: 'bare-2', refreshToken: 'bare-refresh' });
    expect(second).toEqual({ ...first, revision: 2, accessToken: 'bare-2' });
  });

  test('tokens of two different records are not merged into one', async () => {
    await store.saveToken({ accessToken: 'bare-1', refreshToken: 'bare-refresh' });
    const mixed = { accessToken: 'access-1', refreshToken: 'bare-refresh' };
    await expectCode('E_AMBIGUOUS', store.saveToken(mixed));
    expect(await store.findTokenById(saved.id)).toEqual(saved);
  });

  test('a token of an unknown client is found by whoever has it, one of another client is not', async () => {
    const bare = await store.saveToken({ refreshToken: 'bare-refresh' });
    expect(await store.findToken({ refreshToken: 'bare-refresh', clientId: 'web' })).toEqual(bare);
    expect(await store.findToken({ refreshToken: 'refresh-1', clientId: 'web' })).toEqual(saved);
    expect(await store.findToken({ refreshToken: 'refresh-1', clientId: 'app' })).toBeUndefined();
    expect(await store.findToken({ refreshToken: 'refresh-1', issuer: 'https://other.example' })).toBeUndefined();
  });

  test('a user whose client is unknown is not taken for one of a client', async () => {
    await store.saveToken({ userName: 'bob', accessToken: 'b' });
    expect(await store.findToken({ userName: 'bob', clientId: 'web' })).toBeUndefined();
    expect(
      await store.findToken({ userName: 'bob', clientId: 'web', issuer: 'https://issuer.example' }),
    ).toBeUndefined();
  });

  test('a token saved twice without a user is one record', async () => {
    for (const change of [
      { accessToken: 'x1' },
      { accessToken: 'x2', clientId: 'c', clientSecret: 's' },
      { refreshToken: 'x3' },
      { grantToken: 'x4', clientId: 'c', clientSecret: 's' },
    ]) {
      const first = await store.saveToken(change);
      expect(await store.saveToken(change)).toMatchObject({ id: first.id, revision: 2 });
    }
  });

  test('a query with no usable key is an error, never anybody’s first token', async () => {
    for (const query of [
      {},
      { userName: '' },
      { clientId: 'web' },
      { clientId: 'web', clientSecret: 's', issuer: 'i' },
    ]) {
      expect((await expectCode('E_QUERY', store.findToken(query))).message).toContain('userName');
    }
  });

  test('a query that is none finds nobody either', async () => {
    for (const query of [undefined, null, 'ann', 1]) await expectCode('E_QUERY', store.findToken(query as never));
  });
});

describe('a late writer', () => {
  test('with a revision loses with a conflict', async () => {
    await store.saveToken({ id: saved.id, accessToken: 'access-2' });
    await expectCode('E_CONFLICT', store.saveToken({ ...saved, scope: 'late' }));
    expect((await store.findTokenById(saved.id))?.scope).toBe('read write');
  });

  test('reads on with the revision it has seen, and not with an older one', async () => {
    expect(await store.findTokenById(saved.id, { minRevision: 1 })).toEqual(saved);
    await expectCode('E_CONFLICT', store.findTokenById(saved.id, { minRevision: 2 }));
    expect(await store.findTokenById('nobody', { minRevision: 2 })).toBeUndefined();
  });

  test('with the present revision wins', async () => {
    const second = await store.saveToken({ ...saved, scope: 'read' });
    expect(second).toMatchObject({ revision: 2, scope: 'read' });
    expect(await store.saveToken(second)).toMatchObject({ revision: 3, scope: 'read' });
  });

  test('with a revision cannot bring back a deleted token', async () => {
    await store.deleteToken(saved.id);
    await expectCode('E_CONFLICT', store.saveToken(saved));
    expect(await store.getTokens()).toEqual([]);
  });

  test('without a revision never restores a refresh token that was replaced', async () => {
    for (let n = 2; n <= 5; n++) {
      await store.saveToken({ userName: 'ann', accessToken: `access-${n}`, refreshToken: `refresh-${n}` });
    }
    for (let n = 1; n <= 4; n++) {
      const late = { userName: 'ann', accessToken: `access-${n}`, refreshToken: `refresh-${n}` };
      await expectCode('E_CONFLICT', store.saveToken(late));
    }
    expect(await store.findToken({ userName: 'ann' })).toMatchObject({
      accessToken: 'access-5',
      refreshToken: 'refresh-5',
    });
  });
});
