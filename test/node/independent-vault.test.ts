import { describe, expect, test } from 'vitest';
import { memoryVaultStorage } from '../../src/vault/memory-vault-storage.ts';
import { passphraseSlot } from '../../src/vault/passphrase-slot.ts';
import { generateRecoveryCode } from '../../src/vault/recovery-code.ts';
import { recoverySlot } from '../../src/vault/recovery-slot.ts';
import { keyIdOf } from '../support/independent-format.ts';
import {
  passkeyInput,
  passphraseMaterial,
  readRoot,
  readSlot,
  recoveryMaterial,
  vaultStateBytes,
  writeRoot,
  writeSlot,
} from '../support/independent-vault.ts';
import { vaultInMemory } from '../support/vault-in-memory.ts';
import vectors from '../vectors/vault-v1.json' with { type: 'json' };

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const types: Record<string, number> = { passphrase: 3, device: 4, passkey: 5, recovery: 7, split: 8 };

describe('a second implementation of the vault, on node:crypto', () => {
  test('makes and reads the known answers', () => {
    for (const { kind, param, salt, iv, material, edgeHalf, masterKey, blob } of vectors.slots) {
      const header = { type: types[kind] as number, param, salt: hex(salt), iv: hex(iv) };
      expect(writeSlot(header, hex(material), hex(edgeHalf), hex(masterKey)).toString('hex')).toBe(blob);
      expect(readSlot(hex(blob), hex(material), hex(edgeHalf)).toString('hex')).toBe(masterKey);
    }
    for (const { masterKey, keys, ...state } of vectors.keyrings) {
      for (const { keyId, root, iv, wrapped } of keys) {
        expect(keyIdOf(hex(root))).toBe(keyId);
        const made = writeRoot(hex(masterKey), { ...state, keys }, keyId, hex(iv), hex(root));
        expect(made.toString('hex')).toBe(wrapped);
        expect(readRoot(hex(masterKey), { ...state, keys }, hex(wrapped)).toString('hex')).toBe(root);
      }
    }
    const { symbols, code } = vectors.recovery;
    expect(code.replaceAll('-', '')).toBe(symbols + recoveryMaterial(symbols).check);
    expect(passkeyInput(vectors.passkey.storeId).toString('hex')).toBe(vectors.passkey.input);
  });

  test('opens a vault that the library has made, by passphrase and by recovery code', async () => {
    const storage = memoryVaultStorage();
    const vault = vaultInMemory(storage);
    const passphrase = passphraseSlot('ﬁve Å words', { iterations: 600_001 });
    const code = generateRecoveryCode();
    await vault.create(passphrase);
    await vault.addSlot(recoverySlot(code), { by: passphrase });
    await vault.addKey();
    vault.close();

    const { keyring, slots } = (await storage.read()) as any;
    const [byPassphrase, byCode] = slots.map(({ blob }: { blob: Uint8Array }) => Buffer.from(blob)) as [Buffer, Buffer];
    const material = passphraseMaterial('five \u00c5 words', byPassphrase.subarray(6, 38), 600_001);
    const masterKey = readSlot(byPassphrase, material);
    const symbols = code.replaceAll('-', '').slice(0, 26);
    expect(readSlot(byCode, recoveryMaterial(symbols).material).equals(masterKey)).toBe(true);
    expect(keyring.keys).toHaveLength(2);
    for (const { keyId, wrapped } of keyring.keys) {
      expect(keyIdOf(readRoot(masterKey, keyring, Buffer.from(wrapped)))).toBe(keyId);
    }
    expect(vaultStateBytes(keyring)).toHaveLength(34 + 2 * 5);
  });
});
