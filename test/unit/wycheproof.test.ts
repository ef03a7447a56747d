import files from 'virtual:wycheproof';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../support/hex.ts';

interface Group<T> {
  readonly ivSize?: number;
  readonly keySize?: number;
  readonly tagSize?: number;
  readonly tests: readonly (T & { readonly tcId: number; readonly result: 'valid' | 'invalid' | 'acceptable' })[];
}

const absent = Object.keys(files).length === 0;
if (absent) console.warn('skipped: the Wycheproof vectors are not at ../shared/vectors/wycheproof');

const groupsOf = <T>(name: string): readonly Group<T>[] =>
  (JSON.parse(files[`${name}.json`] as string) as { testGroups: readonly Group<T>[] }).testGroups;

/** The result in hexadecimal, or `refused` when the engine throws. */
const outcome = (work: () => Promise<ArrayBuffer>): Promise<string> =>
  work().then(
    (result) => toHex(new Uint8Array(result)),
    () => 'refused',
  );

describe.skipIf(absent)('case 34: Wycheproof, read in place', () => {
  test('the files are the ones that their list of hashes names', async () => {
    const listed = [...(files['SOURCE.md'] as string).matchAll(/\|(\w+\.json)\|\d+\|\d+\|`([0-9a-f]{64})`\|/g)];
    expect(listed.length).toBeGreaterThan(3);
    for (const [, name, hash] of listed) {
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(files[name as string]));
      expect(toHex(new Uint8Array(digest))).toBe(hash);
    }
  });

  interface Gcm {
    readonly key: string;
    readonly iv: string;
    readonly aad: string;
    readonly msg: string;
    readonly ct: string;
    readonly tag: string;
  }
  const decrypt = ({ key, iv, aad, ct, tag }: Gcm) =>
    outcome(async () => {
      const imported = await crypto.subtle.importKey('raw', fromHex(key), 'AES-GCM', false, ['decrypt']);
      const parameters = { name: 'AES-GCM', iv: fromHex(iv), additionalData: fromHex(aad), tagLength: 128 };
      return crypto.subtle.decrypt(parameters, imported, fromHex(ct + tag));
    });

  test('AES-256-GCM with a 96-bit IV and a 128-bit tag, all that this format produces, matches exactly', async () => {
    let seen = 0;
    for (const group of groupsOf<Gcm>('aes_gcm_test')) {
      if (group.keySize !== 256 || group.ivSize !== 96 || group.tagSize !== 128) continue;
      for (const vector of group.tests) {
        seen++;
        expect(await decrypt(vector), `tcId ${vector.tcId}`).toBe(vector.result === 'valid' ? vector.msg : 'refused');
      }
    }
    expect(seen).toBe(66);
  });

  test('AES-GCM of other sizes matches or is refused, and nothing invalid is accepted', async () => {
    for (const group of groupsOf<Gcm>('aes_gcm_test')) {
      for (const vector of group.tests) {
        const allowed = vector.result === 'valid' ? [vector.msg, 'refused'] : ['refused'];
        expect(allowed, `tcId ${vector.tcId}`).toContain(await decrypt(vector));
      }
    }
  });

  test('HKDF-SHA-256 matches, and refuses what is too long', async () => {
    let seen = 0;
    interface Hkdf {
      readonly ikm: string;
      readonly salt: string;
      readonly info: string;
      readonly size: number;
      readonly okm: string;
    }
    for (const group of groupsOf<Hkdf>('hkdf_sha256_test')) {
      for (const { ikm, salt, info, size, okm, result, tcId } of group.tests) {
        seen++;
        const derived = await outcome(async () => {
          const key = await crypto.subtle.importKey('raw', fromHex(ikm), 'HKDF', false, ['deriveBits']);
          const parameters = { name: 'HKDF', hash: 'SHA-256', salt: fromHex(salt), info: fromHex(info) };
          return crypto.subtle.deriveBits(parameters, key, size * 8);
        });
        expect(derived, `tcId ${tcId}`).toBe(result === 'valid' ? okm : 'refused');
      }
    }
    expect(seen).toBe(86);
  });

  test('HMAC-SHA-256 matches, whole and cut to 128 bits', async () => {
    let seen = 0;
    interface Hmac {
      readonly key: string;
      readonly msg: string;
      readonly tag: string;
    }
    for (const group of groupsOf<Hmac>('hmac_sha256_test')) {
      const length = (group.tagSize as number) / 8;
      for (const { key, msg, tag, result, tcId } of group.tests) {
        seen++;
        const mac = await outcome(async () => {
          const algorithm = { name: 'HMAC', hash: 'SHA-256' };
          const imported = await crypto.subtle.importKey('raw', fromHex(key), algorithm, false, ['sign']);
          return (await crypto.subtle.sign('HMAC', imported, fromHex(msg))).slice(0, length);
        });
        expect(mac === tag, `tcId ${tcId}`).toBe(result === 'valid');
      }
    }
    expect(seen).toBe(174);
  });
});
