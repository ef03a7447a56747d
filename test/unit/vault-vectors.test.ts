import { afterEach, describe, expect, test, vi } from 'vitest';
import { keyringRowState, readKeyringRow } from '../../src/vault/keyring-row.ts';
import { openKeys } from '../../src/vault/open-keys.ts';
import { passphraseSlot } from '../../src/vault/passphrase-slot.ts';
import { prfInput } from '../../src/vault/prf-input.ts';
import { readRecoveryCode } from '../../src/vault/recovery-code.ts';
import { recoverySlot } from '../../src/vault/recovery-slot.ts';
import { rootWrappingKey } from '../../src/vault/root-wrapping-key.ts';
import { openSlot, sealSlot } from '../../src/vault/slot-blob.ts';
import { slotKeyMaterial } from '../../src/vault/slot-key-material.ts';
import type { SlotKind, SlotMethod } from '../../src/vault/slot-method.ts';
import { wrapRoot } from '../../src/vault/wrapped-root.ts';
import { fromHex, toHex } from '../support/hex.ts';
import vectors from '../vectors/vault-v1.json' with { type: 'json' };

afterEach(() => vi.restoreAllMocks());

/** Makes the next random bytes those of a vector. */
function withRandom(hex: string): void {
  vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    (array as Uint8Array).set(fromHex(hex));
    return array;
  });
}
const exportable = (bytes: string) =>
  crypto.subtle.importKey('raw', fromHex(bytes), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
const raw = async (key: CryptoKey | undefined) =>
  toHex(new Uint8Array(await crypto.subtle.exportKey('raw', key as CryptoKey)));

describe('case 33: the known answers of the vault in format v1', () => {
  for (const { kind, param, salt, iv, material, edgeHalf, masterKey, blob } of vectors.slots) {
    const secret = async () => ({ ikm: await slotKeyMaterial(fromHex(material)), salt: fromHex(edgeHalf) });

    test(`the ${kind} slot opens, and is sealed to the very same bytes under the same salt and IV`, async () => {
      const opened = await openSlot(kind as SlotKind, fromHex(blob), await secret(), 'wrap');
      expect(await raw(opened)).toBe(masterKey);
      withRandom(iv);
      const header = { param, salt: fromHex(salt) };
      const sealed = await sealSlot(kind as SlotKind, await exportable(masterKey), await secret(), header);
      expect(toHex(sealed)).toBe(blob);
    });
  }

  test.each([
    ['a passphrase, in another normal form', 'passphrase', () => passphraseSlot('fine Å words, plaintext')],
    ['a recovery code', 'recovery', () => recoverySlot(vectors.recovery.code)],
  ] as const)('%s opens its slot', async (_, kind, method) => {
    const { blob, masterKey } = vectors.slots.find((slot) => slot.kind === kind) as (typeof vectors.slots)[0];
    const row = { id: kind, kind, createdAt: 0, blob: fromHex(blob) };
    const secret = await (method() as SlotMethod).recall({ storeId: vectors.passkey.storeId, rows: [row] });
    expect(await raw(await openSlot(kind, row.blob, secret, 'wrap'))).toBe(masterKey);
  });

  for (const [i, { masterKey, ...row }] of vectors.keyrings.entries()) {
    const keys = row.keys.map(({ keyId, status, wrapped }) => ({ keyId, status, wrapped: fromHex(wrapped) }));

    test(`keyring ${i} opens, and its roots are wrapped to the very same bytes under the same IV`, async () => {
      const read = readKeyringRow({ version: 1, ...row, keys });
      const wrappingKey = await rootWrappingKey(await slotKeyMaterial(fromHex(masterKey)));
      const { keyring } = await openKeys(wrappingKey, read);
      expect(keyring.info().map(({ keyId }) => keyId)).toEqual(keys.map(({ keyId }) => keyId));
      expect(keyring.sealingRoot().keyId).toBe(row.primary);
      expect(keyring.indexRoots()[0].keyId).toBe(row.index);
      for (const { keyId, root, iv, wrapped } of row.keys) {
        withRandom(iv);
        const made = await wrapRoot(wrappingKey, keyringRowState(read), keyId, await exportable(root));
        expect(toHex(made)).toBe(wrapped);
      }
    });
  }

  test('a recovery code is read, and passkeys are asked, as the format says', async () => {
    const { symbols, code } = vectors.recovery;
    expect(new TextDecoder().decode(readRecoveryCode(code))).toBe(symbols);
    expect(toHex(await prfInput(vectors.passkey.storeId))).toBe(vectors.passkey.input);
  });
});
