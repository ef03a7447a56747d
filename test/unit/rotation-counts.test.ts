import { beforeEach, describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { isOutdated } from '../../src/store/is-outdated.ts';
import { countCrypto } from '../support/count-crypto.ts';
import { dump, type RotationKeys, rotate, rotationKeys, rowOf, tokenOf, watched } from '../support/rotation-rig.ts';
import { keyringOf, randomRoot } from '../support/test-keyring.ts';

let operations: string[];
let backend: RecordBackend;
let keys: RotationKeys;

beforeEach(async () => {
  operations = [];
  backend = watched(memoryBackend(), 'before', async (operation) => void operations.push(operation));
  keys = await rotationKeys();
});

const storeWith = (keyring: RotationKeys['before']) => new EncryptedTokenStore({ backend, keyring });
const count = 10;

async function tenTokens(before: RotationKeys['before']): Promise<void> {
  for (let n = 0; n < count; n++) await storeWith(before).saveToken(tokenOf(`user-${n}`));
  operations.length = 0;
}

describe('what a rotation costs', () => {
  test('the backend: a count, a scan and a write for each batch, and a scan that finds nothing more', async () => {
    await tenTokens(keys.before);
    await rotate({ backend, keyring: keys.promoted, batchSize: 5 });
    expect(operations).toEqual(['keyUse', 'scan', 'putEach', 'scan', 'putEach', 'scan']);
  });

  test('Web Crypto, for the sealing key: an opening and a sealing for each record, and no lookup', async () => {
    const { before, promoted } = await rotationKeys('seal');
    await tenTokens(before);
    expect(await countCrypto(() => rotate({ backend, keyring: promoted }))).toEqual({
      deriveBits: 2 * count,
      importKey: 2 * count,
      decrypt: count,
      encrypt: count,
    });
  });

  test('Web Crypto, for both keys: a lookup more for the identity and each field, and once the keys of the fields', async () => {
    await tenTokens(keys.before);
    expect(await countCrypto(() => rotate({ backend, keyring: keys.promoted }))).toEqual({
      deriveBits: 2 * count,
      importKey: 2 * count,
      decrypt: count,
      encrypt: count,
      sign: 4 * count,
      deriveKey: expect.any(Number) as number,
    });
  });

  test('all of a batch is under way at the same time', async () => {
    await tenTokens(keys.before);
    const { decrypt } = crypto.subtle;
    let [running, most] = [0, 0];
    crypto.subtle.decrypt = (async (...args: Parameters<typeof decrypt>) => {
      most = Math.max(most, ++running);
      const plaintext = await decrypt.apply(crypto.subtle, args);
      await new Promise((resolve) => setTimeout(resolve));
      running--;
      return plaintext;
    }) as typeof decrypt;
    try {
      await rotate({ backend, keyring: keys.promoted });
    } finally {
      crypto.subtle.decrypt = decrypt;
    }
    expect(most).toBe(count);
  });
});

describe('a token that is asked for', () => {
  test('is sealed anew in passing, once, by one write, and is handed out as it is stored then', async () => {
    const { id } = await storeWith(keys.before).saveToken(tokenOf('ann'));
    const { young } = keys;
    operations.length = 0;
    const found = await storeWith(keys.promoted).findTokenById(id);
    expect(operations).toEqual(['get', 'put']);
    expect(found).toMatchObject({ ...tokenOf('ann'), revision: 2 });
    expect(await rowOf(backend, { id, revision: 2 })).toMatchObject({ revision: 2, keyId: young, indexKeyId: young });
    operations.length = 0;
    expect(await storeWith(keys.promoted).findToken({ userName: 'ann' })).toEqual(found);
    expect(operations).toEqual(['find']);
    await storeWith(keys.promoted).saveToken({ ...found, id, scope: 'read write' });
  });

  test.each<[string, (store: EncryptedTokenStore) => Promise<unknown>]>([
    ['a listing', (store) => store.getTokens()],
    ['a page', (store) => store.getTokenPage()],
    ['all of a user', (store) => store.findTokens({ userName: 'ann' })],
    ['what is due', (store) => store.dueTokens(Number.MAX_SAFE_INTEGER)],
  ])('together with others is left as it is: %s', async (_, list) => {
    await storeWith(keys.before).saveToken({ ...tokenOf('ann'), keepFresh: true, expiresAt: 2_000_000_000_000 });
    const was = await dump(backend);
    expect(await list(storeWith(keys.promoted))).toBeTruthy();
    expect(await dump(backend)).toEqual(was);
  });

  test('is read although it cannot be written', async () => {
    const { id } = await storeWith(keys.before).saveToken(tokenOf('ann'));
    const full: RecordBackend = { ...backend, put: async () => Promise.reject(new Error('full')) };
    const store = new EncryptedTokenStore({ backend: full, keyring: keys.promoted });
    expect(await store.findTokenById(id)).toMatchObject({ ...tokenOf('ann'), revision: 1 });
  });

  test('is read again when somebody else was faster', async () => {
    const { id } = await storeWith(keys.before).saveToken(tokenOf('ann'));
    const racing = watched(backend, 'before', async (operation) => {
      if (operation === 'put') await storeWith(keys.pending).saveToken({ id, scope: 'read write' });
    });
    const store = new EncryptedTokenStore({ backend: racing, keyring: keys.promoted });
    expect(await store.findToken({ userName: 'ann' })).toMatchObject({ scope: 'read write', revision: 2 });
  });

  test('is left to whoever is renewing it', async () => {
    const saved = await storeWith(keys.before).saveToken(tokenOf('ann'));
    await storeWith(keys.promoted).claimToken(saved, { owner: 'tab', ttlMs: 60_000 });
    expect(await storeWith(keys.promoted).findTokenById(saved.id)).toMatchObject({ revision: 1 });
    await storeWith(keys.promoted).releaseToken(saved.id, { owner: 'tab' });
    expect(await storeWith(keys.promoted).findClaimable({ id: saved.id })).toMatchObject({ token: { revision: 2 } });
  });

  test('keeps its claim, its doubts and its cooling down when a rotation comes by', async () => {
    const saved = await storeWith(keys.before).saveToken(tokenOf('ann'));
    await storeWith(keys.before).claimToken(saved, { owner: 'tab', ttlMs: 60_000 });
    await rotate({ backend, keyring: keys.promoted });
    const { claim } = await rowOf(backend, saved);
    expect([claim.owner, claim.heldMs > 0]).toEqual(['tab', true]);
    await storeWith(keys.promoted).releaseToken(saved.id, { owner: 'tab', inDoubt: true, coolingMs: 50_000 });
    const young = keyringOf([await randomRoot(), keys.promoted.sealingRoot()]);
    await rotate({ backend, keyring: young });
    expect((await rowOf(backend, saved)).claim.coolingMs).toBeGreaterThan(0);
  });
});

test('a record is outdated when it has not the present keys, and none that is pending', () => {
  const { old, young, before, pending, promoted, after } = keys;
  const outdated = (keyring: RotationKeys['before']) =>
    [old, young].flatMap((keyId) => [old, young].map((indexKeyId) => isOutdated({ keyId, indexKeyId }, keyring)));
  expect(outdated(before)).toEqual([false, true, true, true]);
  expect(outdated(pending)).toEqual([false, false, false, false]);
  expect(outdated(promoted)).toEqual([true, true, true, false]);
  expect(outdated(after)).toEqual([true, true, true, false]);
});
