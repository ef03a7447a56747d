import { describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import type { Keyring } from '../../src/core/keyring.ts';
import type { KeptRecord } from '../../src/core/record-backend.ts';
import { openRecord } from '../../src/crypto/open-record.ts';
import { sealRecord } from '../../src/crypto/seal-record.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { checkFound, SealedCollection } from '../../src/store/sealed-collection.ts';
import { expectCode } from '../support/expect-code.ts';
import { testKeyring } from '../support/test-keyring.ts';

const draft = { id: 'one', revision: 1, expiresAt: 0, payload: [{ accessToken: 'value' }, []] };
const unclaimed = { owner: '', heldMs: 0, coolingMs: 0 };

describe('a sealed collection', () => {
  test('opens what it sealed', async () => {
    const records = new SealedCollection('default', 'tokens', await testKeyring());
    const record = { ...(await records.seal(draft)), claim: unclaimed };
    expect(await records.open(record)).toEqual(draft.payload);
  });

  test('refuses a payload that is not of its layout, without quoting it', async () => {
    const keyring = await testKeyring();
    const records = new SealedCollection('default', 'tokens', keyring);
    const record = await records.seal(draft);
    const context = { schema: 1, tenant: 'default', collection: 'tokens', id: 'one', revision: 1, expiresAt: 0 };
    const payloads = [
      '["two",{}]',
      '["one"]',
      '["one",{},{}]',
      '{"0":"one","1":{},"length":2}',
      'null',
      '"one"',
      'SECRET',
      '["one",\xff',
    ];
    for (const payload of payloads) {
      const bytes = Uint8Array.from(payload, (c) => c.charCodeAt(0));
      const { sealed } = await sealRecord(keyring, context, bytes);
      const forged: KeptRecord = { ...record, sealed, claim: unclaimed };
      expect((await expectCode('E_FORMAT', records.open(forged))).message).not.toContain('SECRET');
    }
  });

  test('leaves no plaintext in the buffers it worked with', async () => {
    const keyring = await testKeyring();
    const buffers: Uint8Array[] = [];
    const { encrypt, decrypt } = crypto.subtle;
    crypto.subtle.encrypt = ((algorithm: never, key: never, data: Uint8Array<ArrayBuffer>) => {
      buffers.push(data);
      return encrypt.call(crypto.subtle, algorithm, key, data);
    }) as typeof encrypt;
    crypto.subtle.decrypt = (async (algorithm: never, key: never, data: Uint8Array<ArrayBuffer>) => {
      const plaintext = await decrypt.call(crypto.subtle, algorithm, key, data);
      buffers.push(new Uint8Array(plaintext));
      return plaintext;
    }) as typeof decrypt;
    try {
      const context = { schema: 1, tenant: 't', collection: 'c', id: 'i', revision: 1, expiresAt: 0 };
      const { sealed } = await sealRecord(keyring, context, new TextEncoder().encode('plaintext'));
      await openRecord(keyring, context, sealed);
    } finally {
      crypto.subtle.encrypt = encrypt;
      crypto.subtle.decrypt = decrypt;
    }
    expect(buffers).toHaveLength(2);
    for (const buffer of buffers) expect(buffer.every((byte) => byte === 0)).toBe(true);
  });

  test('refuses a collection whose name is too long', async () => {
    const keyring = await testKeyring();
    await expectCode('E_INPUT', () => new SealedCollection('default', 'c'.repeat(65), keyring));
    await expectCode('E_INPUT', () => new SealedCollection('t'.repeat(129), 'c', keyring));
  });

  test('reports a keyring that fails to the call that needs it, and to nobody before', async () => {
    const keyring: Promise<Keyring> = Promise.reject(new Error('no keyring'));
    const store = new EncryptedTokenStore({ backend: memoryBackend(), keyring });
    await new Promise((resolve) => setTimeout(resolve)); // an unhandled rejection would fail the run here
    await expect(store.saveToken({ accessToken: 'a' })).rejects.toThrow('no keyring');
  });

  test('takes a missing value for a mismatch', async () => {
    await expectCode('E_INDEX_MISMATCH', () => checkFound(undefined, 'undefined'));
    await expectCode('E_INDEX_MISMATCH', () => checkFound('a', 'b'));
    checkFound('a', 'a');
  });
});
