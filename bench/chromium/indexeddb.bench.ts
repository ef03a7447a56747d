import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../../test/support/test-keyring.ts';
import { compare } from '../support/ratio.ts';
import { sampleToken } from '../support/sample-token.ts';

/** The same in the clear: one object store, found by user, access and refresh token, written as durably. */
async function plaintext() {
  const database = await openDB('bench-plaintext', 1, {
    upgrade(db) {
      const tokens = db.createObjectStore('tokens', { keyPath: 'id' });
      for (const field of ['userName', 'accessToken', 'refreshToken']) tokens.createIndex(field, field);
      tokens.createIndex('user', ['issuer', 'clientId', 'userName'], { unique: true });
    },
  });
  return {
    findById: (id: string) => database.get('tokens', id),
    findByUser: (userName: string) => database.getAllFromIndex('tokens', 'userName', userName),
    async save(change: { readonly id: string; readonly accessToken: string }) {
      const current = await database.get('tokens', change.id);
      const transaction = database.transaction('tokens', 'readwrite', { durability: 'strict' });
      await transaction.store.put({ ...current, ...sampleToken, ...change });
      await transaction.done;
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
  const save = { ...sampleToken, id };
  const found = await compare(
    () => store.findTokenById(id),
    () => plain.findById(id),
    { batch: 150 },
  );
  const byUser = await compare(
    () => store.findToken({ userName: 'ann@example.com' }),
    () => plain.findByUser('ann@example.com'),
    { batch: 150 },
  );
  const saved = await compare(
    () => store.saveToken({ id, accessToken: `${sampleToken.accessToken}${n++}` }),
    () => plain.save({ ...save, accessToken: `${sampleToken.accessToken}${n++}` }),
    { batch: 25 },
  );
  const figures = [
    ['IndexedDB find by id ÷ plaintext', found, '1.15'],
    ['IndexedDB find by user ÷ plaintext', byUser, '1.15'],
    ['IndexedDB save ÷ plaintext', saved, '1.15'],
  ] as const;
  task.meta.figures = figures.map(([name, { ratio, ours, plain: other }, target]) => ({
    name,
    value: ratio.toFixed(2),
    target,
    note: `Chromium, ${ours.toFixed(0)} against ${other.toFixed(0)} µs`,
  }));
  expect(await store.findTokenById(id)).toMatchObject({ userName: 'ann@example.com' });
});
