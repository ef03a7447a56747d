import { afterEach, describe, expect, test, vi } from 'vitest';
import { blindIndex } from '../../src/crypto/blind-index.ts';
import { labels } from '../../src/crypto/labels.ts';
import { sealRecord } from '../../src/crypto/seal-record.ts';
import { fromHex, toHex } from '../support/hex.ts';
import { keyringOf, randomRoot, testKeyring } from '../support/test-keyring.ts';

const context = { schema: 1, tenant: 'acme', collection: 'tokens', id: 'record-1', revision: 1, expiresAt: 0 };

afterEach(() => vi.restoreAllMocks());

describe('randomness and derivation', () => {
  test('case 27: thousands of identical saves share no salt, IV, commitment or ciphertext', async () => {
    const keyring = await testKeyring();
    const rounds = 20_000;
    const parts = {
      salt: new Set<string>(),
      iv: new Set<string>(),
      commitment: new Set<string>(),
      body: new Set<string>(),
    };
    for (let done = 0; done < rounds; done += 250) {
      await Promise.all(
        Array.from({ length: 250 }, async () => {
          const { sealed } = await sealRecord(keyring, context, new Uint8Array(8));
          parts.salt.add(toHex(sealed.subarray(6, 22)));
          parts.iv.add(toHex(sealed.subarray(22, 34)));
          parts.commitment.add(toHex(sealed.subarray(34, 66)));
          parts.body.add(toHex(sealed.subarray(66)));
        }),
      );
    }
    expect(Object.values(parts).map((set) => set.size)).toEqual([rounds, rounds, rounds, rounds]);
  }, 60_000);

  test('case 28: a repeated salt and IV still gives another key for another id or revision', async () => {
    const keyring = await testKeyring();
    vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => array);
    const bodies = new Set<string>();
    for (const change of [{}, { id: 'record-2' }, { revision: 2 }, { tenant: 'other' }]) {
      const { sealed } = await sealRecord(keyring, { ...context, ...change }, new Uint8Array(64));
      expect(toHex(sealed.subarray(6, 34))).toBe('00'.repeat(28));
      bodies.add(toHex(sealed.subarray(34, 66)));
      bodies.add(toHex(sealed.subarray(66, 98)));
    }
    expect(bodies.size).toBe(8);
  });

  test('case 21: a salt of zeros gives no key of another domain', async () => {
    const root = await randomRoot();
    const derived = async (label: string) => {
      const info = new TextEncoder().encode(label);
      return toHex(
        new Uint8Array(
          await crypto.subtle.deriveBits(
            { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(16), info },
            root.key,
            256,
          ),
        ),
      );
    };
    const all = await Promise.all(Object.values(labels).map(derived));
    expect(new Set(all).size).toBe(all.length);
    // the key id is derived with an empty salt, which HMAC takes for the same as sixteen zeros
    expect((await derived(labels.keyId)).slice(0, 8)).toBe(root.keyId);
    vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => array);
    const { sealed } = await sealRecord(keyringOf([root]), context, new Uint8Array(8));
    for (const secret of all) expect(toHex(sealed)).not.toContain(secret);
  });

  test('case 65: labels are sixteen ASCII bytes and distinct', () => {
    const all = Object.values(labels);
    expect(new Set(all).size).toBe(all.length);
    for (const label of all) expect(label).toMatch(/^[\x21-\x7e]{16}$/);
  });

  test('case 31: no key can be exported', async () => {
    const keyring = await testKeyring('pending');
    for (const { key } of keyring.indexRoots()) {
      expect(key.extractable).toBe(false);
      await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
    }
    const imported = vi.spyOn(crypto.subtle, 'importKey');
    const derived = vi.spyOn(crypto.subtle, 'deriveKey');
    await sealRecord(keyring, context, new Uint8Array(8));
    await blindIndex(keyring.sealingRoot(), 'acme', 'userName', 'ann');
    expect(imported.mock.calls.map((call) => call[3])).toEqual([false]);
    expect(derived.mock.calls.map((call) => call[3])).toEqual([false]);
  });

  test('case 32: the key of a lookup has 256 bits', async () => {
    const derived = vi.spyOn(crypto.subtle, 'deriveKey');
    await blindIndex(await randomRoot(), 'acme', 'userName', 'ann');
    const key = (await derived.mock.results[0]?.value) as CryptoKey;
    expect(key.algorithm).toMatchObject({ name: 'HMAC', length: 256 });
  });

  test('case 24: the tag is 128 bits long, and asked for explicitly', async () => {
    const encrypt = vi.spyOn(crypto.subtle, 'encrypt');
    await sealRecord(await testKeyring(), context, fromHex('00'));
    expect(encrypt.mock.calls.map(([algorithm]) => (algorithm as AesGcmParams).tagLength)).toEqual([128]);
  });
});
