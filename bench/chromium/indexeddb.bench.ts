import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../../test/support/test-keyring.ts';
import { compare, type Ratio } from '../support/ratio.ts';
import { sampleToken } from '../support/sample-token.ts';

type PlainToken = typeof sampleToken & { readonly id: string; readonly revision: number };
type PlainChange = Partial<PlainToken> & { readonly id: string };

/** The same in the clear: found by user, access and refresh token, unique by user, and written as durably. */
async function plaintext() {
  const database = await openDB<{
    tokens: {
      key: string;
      value: PlainToken;
      indexes: { userName: string; accessToken: string; refreshToken: string; user: string[] };
    };
  }>('bench-plaintext', 1, {
    upgrade(db) {
      const tokens = db.createObjectStore('tokens', { keyPath: 'id' });
      for (const field of ['userName', 'accessToken', 'refreshToken'] as const) tokens.createIndex(field, field);
      tokens.createIndex('user', ['issuer', 'clientId', 'userName'], { unique: true });
    },
  });
  const begin = () => database.transaction('tokens', 'readwrite', { durability: 'strict' });
  const merge = (current: PlainToken | undefined, change: PlainChange): PlainToken => ({
    ...sampleToken,
    ...current,
    ...change,
    revision: (current?.revision ?? 0) + 1,
  });
  return {
    findById: (id: string) => database.get('tokens', id),
    findByUser: (userName: string) => database.getAllFromIndex('tokens', 'userName', userName),
    /** As the store saves: reads, merges, and writes if what it has read is still there. */
    async save(change: PlainChange) {
      const current = await database.get('tokens', change.id);
      const merged = merge(current, change);
      const transaction = begin();
      if ((await transaction.store.get(change.id))?.revision !== current?.revision) throw new Error('overtaken');
      const written = transaction.store.put(merged);
      transaction.commit();
      await Promise.all([written, transaction.done]);
    },
    /** What cannot be done with a seal in between, as no transaction waits for Web Crypto. */
    async saveInOneTransaction(change: PlainChange) {
      const transaction = begin();
      const written = transaction.store.put(merge(await transaction.store.get(change.id), change));
      transaction.commit();
      await Promise.all([written, transaction.done]);
    },
  };
}

test('IndexedDB, sealed and in the clear', async ({ task }) => {
  const store = new EncryptedTokenStore({
    backend: indexedDbBackend({ name: 'bench-sealed' }),
    keyring: await testKeyring(),
  });
  const plain = await plaintext();
  const { id } = await store.saveToken(sampleToken);
  await plain.save({ ...sampleToken, id });
  for (let n = 0; n < 50; n++) {
    const other = { ...sampleToken, userName: `user-${n}`, accessToken: `access-${n}`, refreshToken: `refresh-${n}` };
    const saved = await store.saveToken(other);
    await plain.save({ ...other, id: saved.id });
  }
  let n = 0;
  const change = () => ({ id, accessToken: `${sampleToken.accessToken}${n++}` });
  const found = await compare(
    () => store.findTokenById(id),
    () => plain.findById(id),
  );
  const byUser = await compare(
    () => store.findToken({ userName: 'ann@example.com' }),
    () => plain.findByUser('ann@example.com'),
  );
  const saved = await compare(
    () => store.saveToken(change()),
    () => plain.save(change()),
    { batch: 5 },
  );
  const savedAtOnce = await compare(
    () => store.saveToken(change()),
    () => plain.saveInOneTransaction(change()),
    { batch: 5 },
  );
  const figures: readonly (readonly [name: string, ratio: Ratio, target?: string])[] = [
    ['IndexedDB find by id ÷ plaintext', found, '1.15'],
    ['IndexedDB find by user ÷ plaintext', byUser, '1.15'],
    ['IndexedDB save ÷ plaintext', saved, '1.15'],
    ['IndexedDB save ÷ plaintext in one transaction', savedAtOnce],
  ];
  task.meta.figures = figures.map(([name, { ratio, ours, plain: other }, target]) => ({
    name,
    value: ratio.toFixed(2),
    ...(target === undefined ? {} : { target }),
    note: `Chromium, ${ours.toFixed(0)} against ${other.toFixed(0)} µs`,
  }));
  expect(await store.findTokenById(id)).toMatchObject({ userName: 'ann@example.com' });
  expect(await plain.findById(id)).toMatchObject({ userName: 'ann@example.com' });
});
