import { afterEach, describe, expect, test, vi } from 'vitest';
import { blindIndex } from '../../src/crypto/blind-index.ts';
import { createKeyring } from '../../src/crypto/create-keyring.ts';
import { importRoot } from '../../src/crypto/import-root.ts';
import { openRecord } from '../../src/crypto/open-record.ts';
import { sealRecord } from '../../src/crypto/seal-record.ts';
import { fromHex, toHex } from '../support/hex.ts';
import vectors from '../vectors/format-v1.json' with { type: 'json' };

async function keyringOf(hex: string) {
  const root = await importRoot(fromHex(hex));
  return createKeyring({ roots: [{ ...root, status: 'enabled' }], primary: root.keyId, primaryIndex: root.keyId });
}

afterEach(() => vi.restoreAllMocks());

describe('case 33: the known answers of format v1', () => {
  for (const vector of vectors.envelopes) {
    test(`${vector.name} opens`, async () => {
      const keyring = await keyringOf(vector.root);
      const payload = await openRecord(keyring, vector.context, fromHex(vector.envelope));
      expect(toHex(payload)).toBe(vector.payload);
    });

    test(`${vector.name} is sealed to the very same bytes under the same salt and IV`, async () => {
      const keyring = await keyringOf(vector.root);
      vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
        (array as Uint8Array).set(fromHex(vector.salt + vector.iv));
        return array;
      });
      const { keyId, sealed } = await sealRecord(keyring, vector.context, fromHex(vector.payload));
      expect(keyId).toBe(vector.keyId);
      expect(toHex(sealed.subarray(34, 66))).toBe(vector.commitment);
      expect(toHex(sealed)).toBe(vector.envelope);
    });
  }

  for (const { root, tenant, field, value, mac } of vectors.indexes) {
    test(`the lookup of ${field} for tenant ${tenant} is the first half of the MAC`, async () => {
      const index = await blindIndex(await importRoot(fromHex(root)), tenant, field, value);
      expect(toHex(index)).toBe(mac.slice(0, 32));
    });
  }
});
