import { beforeEach, describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import type { KeptRecord, RecordBackend } from '../../src/core/record-backend.ts';
import { softExpiry } from '../../src/core/soft-expiry.ts';
import type { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { expectCode } from '../support/expect-code.ts';
import { testKeyring } from '../support/test-keyring.ts';

const time = 1_795_000_000_000;
const hour = 3_600_000;
const ann = {
  userName: 'ann',
  issuer: 'https://login.example',
  clientId: 'app',
  accessToken: 'access-1',
  refreshToken: 'refresh-1',
  obtainedAt: time,
  expiresAt: time + hour,
};
let backend: RecordBackend;
let store: EncryptedTokenStore;
let saved: SavedToken;

beforeEach(async () => {
  backend = memoryBackend();
  store = new EncryptedTokenStore({ backend, keyring: await testKeyring() });
  saved = await store.saveToken({ ...ann, keepFresh: true });
});

const dueAt = async () => (await backend.get('default/tokens', saved.id))?.dueAt;

describe('doubts about a refresh token', () => {
  const claim = async (owner: string) => {
    const token = (await store.findTokenById(saved.id)) as SavedToken;
    return store.claimToken(token, { owner, ttlMs: 1000 });
  };

  test('stay while it is the same, and end with another', async () => {
    await claim('lost');
    await store.releaseToken(saved.id, { owner: 'lost', inDoubt: true });
    await store.saveToken({ id: saved.id, scope: 'read' });
    await store.saveToken({ id: saved.id, accessToken: 'access-2' });
    expect(await claim('next')).toEqual({ granted: true, doubts: 1 });
    await store.releaseToken(saved.id, { owner: 'next' });
    await store.saveToken({ id: saved.id, refreshToken: 'refresh-2' });
    expect(await claim('then')).toEqual({ granted: true, doubts: 0 });
  });

  test('show with the read that finds the token', async () => {
    await claim('holder');
    expect(await store.findClaimable({ userName: 'ann' })).toEqual({
      token: saved,
      claim: { owner: 'holder', heldMs: expect.any(Number), coolingMs: 0 },
    });
    expect(await store.findClaimable({ userName: 'nobody' })).toBeUndefined();
  });
});

describe('tokens that are to be kept fresh', () => {
  test('are due at their soft expiry', async () => {
    const at = softExpiry(saved) as number;
    expect(await dueAt()).toBe(at);
    expect(await store.dueTokens(at - 1)).toEqual([]);
    expect(await store.dueTokens(at)).toEqual([saved]);
  });

  test.each([
    ['that nobody asked to keep fresh', { keepFresh: false }],
    ['that cannot be renewed', { refreshToken: null }],
    ['that never expire', { expiresAt: null }],
    ['whose user has to sign in', { reauthRequired: { reason: 'refused' as const, at: time } }],
  ])('are not due any more: those %s', async (_, change) => {
    await store.saveToken({ id: saved.id, ...change });
    expect(await dueAt()).toBe(0);
    expect(await store.dueTokens(time + 2 * hour)).toEqual([]);
  });

  test('come in pages, and one that does not open stops no other', async () => {
    const bob = await store.saveToken({
      ...ann,
      userName: 'bob',
      accessToken: 'b',
      refreshToken: 'br',
      keepFresh: true,
    });
    expect(await store.dueTokens(time + hour, { limit: 1 })).toHaveLength(1);
    const row = (await backend.get('default/tokens', saved.id)) as KeptRecord;
    await backend.put({ ...row, revision: 2, sealed: row.sealed.slice(0, 90) }, { revision: 1 });
    await expectCode('E_AUTH', store.dueTokens(time + hour));
    const corrupt: [string, string][] = [];
    const onCorrupt = ({ code }: TokenkeepError, id: string) => void corrupt.push([code, id]);
    expect(await store.dueTokens(time + hour, { onCorrupt })).toEqual([bob]);
    expect(corrupt).toEqual([['E_AUTH', saved.id]]);
  });
});

describe('all tokens of a user', () => {
  test('are found, within what the query says, and nobody else’s', async () => {
    const elsewhere = await store.saveToken({
      ...ann,
      issuer: 'https://other.example',
      accessToken: 'e',
      refreshToken: 'er',
    });
    const mail = await store.saveToken({
      ...ann,
      resource: 'https://mail.example',
      accessToken: 'm',
      refreshToken: 'mr',
    });
    await store.saveToken({ ...ann, userName: 'bob', accessToken: 'b', refreshToken: 'br' });
    const ids = async (query: object) => (await store.findTokens(query)).map(({ id }) => id).sort();
    expect(await ids({ userName: 'ann' })).toEqual([saved.id, elsewhere.id, mail.id].sort());
    expect(await ids({ userName: 'ann', issuer: ann.issuer })).toEqual([saved.id, mail.id].sort());
    expect(await ids({ userName: 'ann', issuer: ann.issuer, clientId: 'app' })).toEqual([saved.id, mail.id].sort());
    expect(await ids({ userName: 'ann', resource: 'https://mail.example' })).toEqual([mail.id]);
    expect(await ids({ userName: 'ann', scope: 'read' })).toEqual([]);
    expect(await ids({ userName: 'nobody' })).toEqual([]);
    expect(await ids({ id: mail.id })).toEqual([mail.id]);
    expect(await ids({ id: 'nobody' })).toEqual([]);
    await expectCode('E_QUERY', store.findTokens({ issuer: ann.issuer }));
  });

  test('are checked against the name they were found by', async () => {
    const row = (await backend.get('default/tokens', saved.id)) as KeptRecord;
    const bob = await store.saveToken({ ...ann, userName: 'bob', accessToken: 'b', refreshToken: 'br' });
    const theirs = (await backend.get('default/tokens', bob.id)) as KeptRecord;
    const lookups = { ...theirs.lookups, ...(row.lookups.userName && { userName: row.lookups.userName }) };
    await backend.delete('default/tokens', saved.id);
    await backend.delete('default/tokens', bob.id);
    await backend.put({ ...theirs, lookups }, {});
    await expectCode('E_INDEX_MISMATCH', store.findTokens({ userName: 'ann' }));
  });
});

test('a token of another resource, saved by the id of a record, keeps nothing of the one before', async () => {
  await store.saveToken({ id: saved.id, resource: 'https://mail.example' });
  await store.saveToken({ id: saved.id, resource: 'https://files.example', accessToken: 'f' });
  expect(await store.findTokenById(saved.id)).toEqual({
    id: saved.id,
    revision: 3,
    resource: 'https://files.example',
    accessToken: 'f',
  });
});

describe('a token that is taken', () => {
  test('is gone, and handed to the one who took it', async () => {
    expect(await store.takeToken(saved.id)).toEqual(saved);
    expect(await store.findTokenById(saved.id)).toBeUndefined();
    expect(await store.takeToken(saved.id)).toBeUndefined();
  });

  test('is gone although its record did not open', async () => {
    const row = (await backend.get('default/tokens', saved.id)) as KeptRecord;
    const damage = () => backend.put({ ...row, sealed: row.sealed.slice(0, 90) }, {});
    await backend.delete('default/tokens', saved.id);
    await damage();
    await expectCode('E_AUTH', store.takeToken(saved.id));
    expect(await store.findTokenById(saved.id)).toBeUndefined();
    await damage();
    const corrupt: string[] = [];
    expect(await store.takeToken(saved.id, { onCorrupt: (_, id) => void corrupt.push(id) })).toBeUndefined();
    expect([corrupt, await store.findTokenById(saved.id)]).toEqual([[saved.id], undefined]);
  });
});
