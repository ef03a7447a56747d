import { describe, expect, test, vi } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { Keyring } from '../../src/core/keyring.ts';
import { openRecord } from '../../src/crypto/open-record.ts';
import { sealRecord } from '../../src/crypto/seal-record.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { SealedCollection } from '../../src/store/sealed-collection.ts';
import { expectCode } from '../support/expect-code.ts';
import { lockableKeyring } from '../support/lockable-keyring.ts';
import { dump, fill, rotate, rotationKeys, tokenOf, watched } from '../support/rotation-rig.ts';
import { keyringOf, randomRoot, testKeyring } from '../support/test-keyring.ts';

const methods = ['encrypt', 'decrypt', 'sign', 'deriveBits', 'importKey', 'deriveKey'] as const;

/** Locks in the middle of the Web Crypto call of this number, and counts the calls. */
async function lockedDuring(number: number, lock: () => void, work: () => Promise<unknown>) {
  let calls = 0;
  for (const method of methods) {
    const original = crypto.subtle[method] as (...args: unknown[]) => Promise<unknown>;
    vi.spyOn(crypto.subtle, method).mockImplementation((...args: unknown[]) => {
      if (calls++ === number) lock();
      return original.apply(crypto.subtle, args) as never;
    });
  }
  try {
    const outcome = await work().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    return { calls, outcome };
  } finally {
    vi.restoreAllMocks();
  }
}

async function locked() {
  const backend = memoryBackend();
  const lockable = lockableKeyring(await testKeyring());
  const store = new EncryptedTokenStore({ backend, keyring: lockable.keyring });
  const { id } = await store.saveToken(tokenOf('ann'));
  return { backend, store, id, ...lockable };
}

describe('case 58: a keyring that is locked while work is under way', () => {
  test.each<[string, (store: EncryptedTokenStore, id: string) => Promise<unknown>]>([
    ['a find by id', (store, id) => store.findTokenById(id)],
    ['a find by user', (store) => store.findToken({ userName: 'ann' })],
    ['a find that misses', (store) => store.findToken({ userName: 'nobody' })],
    ['a listing', (store) => store.getTokens()],
    ['a listing that reports', async (store) => Array.fromAsync(store.tokens({ onCorrupt: () => undefined }))],
    ['a save', (store) => store.saveToken({ userName: 'ann', scope: 'changed' })],
    ['a first save', (store) => store.saveToken(tokenOf('bob'))],
  ])('ends %s with E_LOCKED at whatever call of Web Crypto, and nothing is written', async (_, work) => {
    for (let number = 0; ; number++) {
      const { backend, store, id, lock } = await locked();
      const was = await dump(backend);
      const { calls, outcome } = await lockedDuring(number, lock, () => work(store, id));
      if (calls <= number) return expect(number).toBeGreaterThan(0);
      expect(outcome).toMatchObject({ error: { code: 'E_LOCKED' } });
      expect(await dump(backend)).toEqual(was);
    }
  });

  test('gives nothing that was opened or sealed, however late that is', async () => {
    const lockable = lockableKeyring(await testKeyring());
    const context = { schema: 1, tenant: 't', collection: 'c', id: 'i', revision: 1, expiresAt: 0 };
    const { sealed } = await sealRecord(lockable.keyring, context, Uint8Array.of(1));
    for (const number of [0, 1, 2]) {
      for (const work of [
        () => openRecord(lockable.keyring, context, sealed),
        () => sealRecord(lockable.keyring, context, Uint8Array.of(1)),
      ]) {
        lockable.unlock();
        const { outcome } = await lockedDuring(number, lockable.lock, work);
        expect(outcome).toMatchObject({ error: { code: 'E_LOCKED' } });
      }
    }
  });

  test('ends a rotation with E_LOCKED, and what is there can be read', async () => {
    const { before, promoted } = await rotationKeys();
    const backend = memoryBackend();
    await fill(backend, before);
    for (const operation of ['keyUse', 'scan', 'putEach']) {
      const { keyring, lock } = lockableKeyring(promoted);
      const locking = watched(backend, 'after', async (name) => {
        if (name === operation) lock();
      });
      await expectCode('E_LOCKED', rotate({ backend: locking, keyring, batchSize: 1 }));
      const store = new EncryptedTokenStore({ backend, keyring: promoted });
      expect(await store.getTokens()).toHaveLength(3);
    }
  });

  test('ends a find that seals anew in passing, when it is locked meanwhile', async () => {
    const { before, promoted } = await rotationKeys();
    const backend = memoryBackend();
    const { id } = await new EncryptedTokenStore({ backend, keyring: before }).saveToken(tokenOf('ann'));
    const { keyring, lock } = lockableKeyring(promoted);
    const locking = watched(backend, 'before', async (name) => {
      if (name === 'put') lock();
    });
    await expectCode('E_LOCKED', new EncryptedTokenStore({ backend: locking, keyring }).findTokenById(id));
  });
});

describe('a key that somebody else has just added', () => {
  test('is looked for once, and then the record opens', async () => {
    const [old, young] = [await randomRoot(), await randomRoot()];
    const record = await new SealedCollection('t', 'c', keyringOf([young])).seal({
      id: 'i',
      revision: 1,
      expiresAt: 0,
      payload: ['key', 'value'],
    });
    let known = keyringOf([old]);
    let refreshed = 0;
    const keyring: Keyring = {
      sealingRoot: () => known.sealingRoot(),
      openingRoot: (keyId) => known.openingRoot(keyId),
      indexRoots: () => known.indexRoots(),
      info: () => known.info(),
      refresh: async () => {
        refreshed++;
        if (refreshed === 2) known = keyringOf([old, young]);
      },
    };
    const collection = new SealedCollection('t', 'c', keyring);
    await expectCode('E_KEY_UNKNOWN', collection.open(record));
    expect(refreshed).toBe(1);
    expect(await collection.open(record)).toEqual(['key', 'value']);
    expect(await collection.open(record)).toEqual(['key', 'value']);
    expect(refreshed).toBe(2);
  });
});
