import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { createTokenSource } from '../../src/manager/create-token-source.ts';
import type { TokenSource } from '../../src/manager/token-source.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { countCrypto } from '../support/count-crypto.ts';
import { expectCode } from '../support/expect-code.ts';
import { door } from '../support/source-rig.ts';
import { testKeyring } from '../support/test-keyring.ts';
import { countingD1 } from './counting-d1.ts';

const hour = 3_600_000;
let db: ReturnType<typeof countingD1>;
let store: EncryptedTokenStore;
let source: (refresh?: () => Promise<object>) => TokenSource;
const kinds = () => db.take().map(({ sql }) => sql.split(/\s/, 1)[0]);

beforeEach(async () => {
  db = countingD1(env.DB);
  store = new EncryptedTokenStore({
    backend: d1Backend(db),
    keyring: await testKeyring(),
    tenant: crypto.randomUUID(),
  });
  const query = { userName: 'ann', issuer: 'https://login.example', clientId: 'app' };
  const tokens = { accessToken: 'access-1', refreshToken: 'refresh-1' };
  await store.saveToken({ ...query, ...tokens, obtainedAt: Date.now(), expiresAt: Date.now() + hour });
  source = (refresh = async () => ({ accessToken: 'access-2', refreshToken: 'refresh-2' })) =>
    createTokenSource({ store, query, refresh });
  db.take();
});

test('a fresh token costs one statement and one opening', async () => {
  const calls = await countCrypto(() => source().getToken());
  expect(kinds()).toEqual(['SELECT']);
  expect(calls).toEqual({ sign: 1, deriveBits: 1, importKey: 1, decrypt: 1 });
});

test('a renewal costs four statements', async () => {
  await source().getToken({ forceRefresh: true });
  expect(kinds()).toEqual(['SELECT', 'UPDATE', 'SELECT', 'UPDATE']);
});

test('a renewal that the server puts off costs three, and a fourth to look whether somebody was luckier', async () => {
  const busy = async () => {
    throw new TokenkeepError('E_OAUTH', 'busy', { oauthError: 'temporarily_unavailable' });
  };
  await expectCode('E_UNAVAILABLE', source(busy).getToken({ forceRefresh: true }));
  expect(kinds()).toEqual(['SELECT', 'UPDATE', 'UPDATE', 'SELECT']);
});

test('a caller who comes too late writes nothing, and joins with one read', async () => {
  const { passed, open } = door();
  let calls = 0;
  const slow = async () => {
    calls++;
    await passed;
    return { accessToken: 'access-2', refreshToken: 'refresh-2' };
  };
  const callers = Array.from({ length: 5 }, () => source(slow).getToken({ forceRefresh: true }));
  await expect.poll(() => calls).toBe(1);
  const claims = db.take().filter(({ sql }) => sql.startsWith('UPDATE'));
  expect(claims.map(({ rowsWritten }) => rowsWritten).sort()).toEqual([...Array(claims.length - 1).fill(0), 1]);
  open();
  const outcomes = (await Promise.all(callers)).map(({ outcome }) => outcome).sort();
  expect(outcomes).toEqual(['joined', 'joined', 'joined', 'joined', 'refreshed']);
  expect(calls).toBe(1);
  expect(db.take().filter(({ rowsWritten }) => rowsWritten > 0)).toHaveLength(1);
});

test('a caller who sees that somebody renews asks for no claim', async () => {
  const token = await store.findTokenById((await store.getTokens())[0]?.id ?? '');
  if (token === undefined) throw new Error('there is no token');
  await store.claimToken(token, { owner: 'somebody', ttlMs: hour });
  await store.saveToken({ id: token.id, expiresAt: Date.now() + 30_000, obtainedAt: Date.now() - hour });
  db.take();
  expect(await source().getToken()).toMatchObject({ outcome: 'kept' });
  expect(kinds()).toEqual(['SELECT']);
});
