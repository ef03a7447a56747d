import { describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { KeptRecord } from '../../src/core/record-backend.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { importKeyring } from '../../src/crypto/import-keyring.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { OneTimeStore } from '../../src/store/one-time-store.ts';
import { indexOf, keyIdOf, readEnvelope } from '../support/independent-format.ts';

/** A store, and its records read by the second implementation, as docs/storage-format.md describes them. */
async function setUp(tenant: string) {
  const setting = await generateKeyring();
  const root = Buffer.from((JSON.parse(setting) as { keys: { k: string }[] }).keys[0]?.k as string, 'base64url');
  const backend = memoryBackend();
  const options = { backend, keyring: importKeyring(setting), tenant };
  const lookup = (field: string, value: string) => indexOf(root, tenant, field, value).subarray(0, 16).toString('hex');
  const payloadOf = ({ id, revision, expiresAt, sealed }: KeptRecord, collection: string): unknown => {
    const context = { schema: 1, tenant, collection, id, revision, expiresAt };
    return JSON.parse(readEnvelope(root, context, Buffer.from(sealed)).toString()) as unknown;
  };
  return { root, backend, options, lookup, payloadOf };
}

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');

describe('a stored record is what the storage format says', () => {
  test('for a token of a user', async () => {
    const { root, backend, options, lookup, payloadOf } = await setUp('Zürich|甲');
    const store = new EncryptedTokenStore(options);
    const token = {
      userName: "O'Brien",
      issuer: 'https://issuer.example',
      clientId: 'web',
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      expiresAt: 1_795_000_000_000,
      extras: { a: [1, null] },
    };
    const { id } = await store.saveToken(token);
    await store.saveToken({ id, refreshToken: 'refresh-2', accessToken: 'access-2', grantToken: 'grant' });
    const partition = `${encodeURIComponent('Zürich|甲')}/tokens`;
    const record = (await backend.get(partition, id)) as KeptRecord;
    expect(record).toMatchObject({
      partition,
      id,
      revision: 2,
      expiresAt: 0,
      keyId: keyIdOf(root),
      indexKeyId: keyIdOf(root),
    });
    const user = ['user', 'https://issuer.example', 'web', "O'Brien"];
    expect(hex(record.identity)).toBe(lookup('identity', JSON.stringify(user)));
    expect(Object.fromEntries(Object.entries(record.lookups).map(([field, value]) => [field, hex(value)]))).toEqual({
      userName: lookup('userName', "O'Brien"),
      accessToken: lookup('accessToken', 'access-2'),
      refreshToken: lookup('refreshToken', 'refresh-2'),
    });
    const { expiresAt: _, ...kept } = token;
    // SHA-256 of the token that was replaced, cut to 16 bytes
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from('refresh-1'))).subarray(0, 16);
    expect(payloadOf(record, 'tokens')).toEqual([
      id,
      [{ ...kept, accessToken: 'access-2', refreshToken: 'refresh-2' }, [digest.toString('base64url')]],
    ]);
  });

  const identities: readonly [object, unknown][] = [
    [{ userName: 'ann', accessToken: 'a' }, ['user', null, null, 'ann']],
    [{ userName: 'ann', clientId: 'web', accessToken: 'a' }, ['user', null, 'web', 'ann']],
    [{ accessToken: 'a', refreshToken: 'r', grantToken: 'g' }, ['accessToken', 'a']],
    [{ grantToken: 'g', clientId: 'c' }, ['grantToken', 'g']],
    [{ accessToken: 'a', refreshToken: 'r', clientId: 'c' }, ['refreshToken', 'r']],
    [{ accessToken: 'a', clientSecret: 's' }, ['accessToken', 'a']],
  ];
  test.each(identities)('for the identity of %j', async (token, identity) => {
    const { backend, options, lookup } = await setUp('default');
    const { id } = await new EncryptedTokenStore(options).saveToken(token);
    const record = await backend.get('default/tokens', id);
    expect(hex(record?.identity)).toBe(lookup('identity', JSON.stringify(identity)));
  });

  test('for a token that lost all its tokens: the identity is its id', async () => {
    const { backend, options, lookup } = await setUp('default');
    const store = new EncryptedTokenStore(options);
    const { id } = await store.saveToken({ accessToken: 'a' });
    await store.saveToken({ id, accessToken: null });
    const record = await backend.get('default/tokens', id);
    expect(hex(record?.identity)).toBe(lookup('identity', JSON.stringify(['id', id])));
  });

  test('for the expiry: the access token’s, unless the token can be renewed or exchanged', async () => {
    const { backend, options } = await setUp('default');
    const store = new EncryptedTokenStore(options);
    const expiresAt = 1_795_000_000_000;
    const expiryOf = async (token: object) => {
      const { id } = await store.saveToken({ ...token, expiresAt });
      return (await backend.get('default/tokens', id))?.expiresAt;
    };
    expect(await expiryOf({ accessToken: 'a1' })).toBe(expiresAt);
    expect(await expiryOf({ accessToken: 'a2', refreshToken: 'r' })).toBe(0);
    expect(await expiryOf({ grantToken: 'g' })).toBe(0);
  });

  test('for a value that is used once', async () => {
    const { backend, options, lookup, payloadOf } = await setUp('acme');
    const expiresAt = Date.now() + 600_000;
    await new OneTimeStore({ ...options, collection: 'login' }).add('state', { verifier: 'v' }, expiresAt);
    const [record] = (await backend.page('acme/login', 2)).records as [KeptRecord];
    expect(hex(record.identity)).toBe(lookup('login/identity', 'state'));
    expect(record).toMatchObject({ revision: 1, expiresAt, lookups: {} });
    expect(payloadOf(record, 'login')).toEqual([record.id, ['state', { verifier: 'v' }]]);
  });
});
