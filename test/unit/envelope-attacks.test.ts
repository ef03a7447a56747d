import { beforeAll, describe, expect, test } from 'vitest';
import type { Bytes } from '../../src/core/bytes.ts';
import type { Keyring, RootKey } from '../../src/core/keyring.ts';
import { concat } from '../../src/crypto/concat.ts';
import { openRecord } from '../../src/crypto/open-record.ts';
import { recordKey } from '../../src/crypto/record-key.ts';
import { associatedData, type SealContext } from '../../src/crypto/seal-context.ts';
import { sealRecord } from '../../src/crypto/seal-record.ts';
import { expectCode } from '../support/expect-code.ts';
import { fromHex } from '../support/hex.ts';
import { keyringOf, randomRoot } from '../support/test-keyring.ts';

const context: SealContext = {
  schema: 1,
  tenant: 'acme',
  collection: 'tokens',
  id: 'record-1',
  revision: 7,
  expiresAt: 1_795_000_000_000,
};
const payload = new TextEncoder().encode('{"accessToken":"AT"}');

let root: RootKey;
let other: RootKey;
let keyring: Keyring;
let sealed: Bytes;

beforeAll(async () => {
  root = await randomRoot();
  other = await randomRoot();
  keyring = keyringOf([root, other]);
  ({ sealed } = await sealRecord(keyring, context, payload));
});

const changed = (offset: number, ...bytes: number[]): Bytes => {
  const copy = sealed.slice();
  copy.set(bytes, offset);
  return copy;
};

/** Seals bytes that are taken as padded already, under the envelope's own rules. */
async function sealPadded(padded: Bytes, tagLength = 128): Promise<Bytes> {
  const random = crypto.getRandomValues(new Uint8Array(28));
  const header = concat(1, 1, fromHex(root.keyId), random);
  const additionalData = associatedData(header, context);
  const { key, commitment } = await recordKey(root.key, header.subarray(6, 22), additionalData, 'encrypt');
  const iv = header.subarray(22, 34);
  const body = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData, tagLength }, key, padded);
  return concat(header, commitment, new Uint8Array(body));
}

describe('a sealed record whose bytes were altered', () => {
  test('case 1: does not open with any single bit flipped, and says which part it refused', async () => {
    const codes = { E_VERSION: 0, E_FORMAT: 0, E_KEY_UNKNOWN: 0, E_AUTH: 0 };
    const flips = Array.from({ length: sealed.length * 8 }, (_, bit) => bit);
    await Promise.all(
      flips.map(async (bit) => {
        const at = bit >> 3;
        const copy = changed(at, (sealed[at] as number) ^ (1 << (bit & 7)));
        const error = await openRecord(keyring, context, copy).catch((e: unknown) => e);
        codes[(error as { code: keyof typeof codes }).code]++;
      }),
    );
    expect(codes).toEqual({ E_VERSION: 8, E_FORMAT: 8, E_KEY_UNKNOWN: 32, E_AUTH: (sealed.length - 6) * 8 });
  });

  test('case 2: does not open truncated, at any length', async () => {
    for (let length = 0; length < sealed.length; length++) {
      await expectCode(length < 83 ? 'E_FORMAT' : 'E_AUTH', openRecord(keyring, context, sealed.slice(0, length)));
    }
  });

  test('case 3: does not open with bytes added behind or before', async () => {
    await expectCode('E_AUTH', openRecord(keyring, context, concat(sealed, 0)));
    await expectCode('E_AUTH', openRecord(keyring, context, concat(sealed, sealed)));
    await expectCode('E_VERSION', openRecord(keyring, context, concat(0, sealed)));
    await expectCode('E_FORMAT', openRecord(keyring, context, concat(1, 2, sealed)));
    await expectCode('E_AUTH', openRecord(keyring, context, concat(sealed.slice(0, 66), 0, sealed.slice(66))));
  });

  test.each([0, 2, 255])('case 4: is refused with version %i', async (version) => {
    await expectCode('E_VERSION', openRecord(keyring, context, changed(0, version)));
  });

  test.each([0, 2, 3, 4, 5, 6, 7, 8, 255])('case 5: is refused as type %i', async (type) => {
    await expectCode('E_FORMAT', openRecord(keyring, context, changed(1, type)));
  });

  test('case 6: is refused when its key is not in the keyring', async () => {
    await expectCode('E_KEY_UNKNOWN', openRecord(keyringOf([other]), context, sealed));
  });

  test('case 7: is refused when its key id was pointed at another valid root', async () => {
    await expectCode('E_AUTH', openRecord(keyring, context, changed(2, ...fromHex(other.keyId))));
  });

  test('case 8: is refused when its key is disabled', async () => {
    const disabled = keyringOf([other, { ...root, status: 'disabled' }]);
    const error = await expectCode('E_KEY_DISABLED', openRecord(disabled, context, sealed));
    expect(error.message).toContain(root.keyId);
  });

  test('case 9: is refused by another environment, whose keyring has the same shape', async () => {
    await expectCode('E_KEY_UNKNOWN', openRecord(keyringOf([await randomRoot(), await randomRoot()]), context, sealed));
    const disguised = keyringOf([{ keyId: root.keyId, key: other.key }]);
    await expectCode('E_AUTH', openRecord(disguised, context, sealed));
  });
});

describe('a sealed record in another context', () => {
  const moves: readonly [string, Partial<SealContext>][] = [
    ['case 10: of another row', { id: 'record-2' }],
    ['case 11: of another tenant', { tenant: 'evil' }],
    ['case 12: of another collection', { collection: 'sessions' }],
    ['case 13: of another schema', { schema: 2 }],
    ['case 14: of another revision', { revision: 8 }],
    ['case 15: with its expiry extended', { expiresAt: context.expiresAt + 1 }],
    ['case 15: with its expiry removed', { expiresAt: 0 }],
    ['case 17: under a new name', { id: 'record-1 ' }],
    ['case 19: behind newer columns', { revision: 8, expiresAt: context.expiresAt + 3_600_000 }],
  ];
  test.each(moves)('%s does not open', async (_, move) => {
    await expectCode('E_AUTH', openRecord(keyring, { ...context, ...move }, sealed));
  });

  test.each([
    ['a schema of more than two bytes', { schema: 65_537 }],
    ['a schema in fractions', { schema: 1.5 }],
    ['a negative revision', { revision: -1 }],
    ['a revision beyond the safe integers', { revision: 2 ** 53 }],
    ['an expiry that is NaN', { expiresAt: Number.NaN }],
    ['a tenant over 128 bytes', { tenant: 'x'.repeat(129) }],
    ['a collection over 64 bytes', { collection: 'é'.repeat(33) }],
    ['an id over 256 bytes', { id: 'x'.repeat(257) }],
    ['an id with a lone surrogate', { id: 'a\udc00' }],
  ])('%s is refused before it could be taken for another one', async (_, change) => {
    await expectCode('E_INPUT', sealRecord(keyring, { ...context, ...change }, payload));
    await expectCode('E_INPUT', openRecord(keyring, { ...context, ...change }, sealed));
  });

  test('case 16: two contexts that read alike when joined do not open each other', async () => {
    const left = { ...context, tenant: 'ab', collection: 'c' };
    const right = { ...context, tenant: 'a', collection: 'bc' };
    const { sealed: record } = await sealRecord(keyring, left, payload);
    await expectCode('E_AUTH', openRecord(keyring, right, record));
    const piped = { ...context, tenant: 'ab|', collection: 'c' };
    await expectCode('E_AUTH', openRecord(keyring, piped, record));
  });

  test('case 18: two records whose bytes were exchanged both fail', async () => {
    const second = { ...context, id: 'record-2' };
    const { sealed: other } = await sealRecord(keyring, second, payload);
    await expectCode('E_AUTH', openRecord(keyring, context, other));
    await expectCode('E_AUTH', openRecord(keyring, second, sealed));
  });
});

describe('a sealed record put together from parts', () => {
  test('case 22: fails with the commitment of another record', async () => {
    const { sealed: other } = await sealRecord(keyring, context, payload);
    await expectCode(
      'E_AUTH',
      openRecord(keyring, context, concat(sealed.slice(0, 34), other.slice(34, 66), sealed.slice(66))),
    );
  });

  test('case 23: fails with the header of one and the ciphertext of another', async () => {
    const { sealed: other } = await sealRecord(keyring, context, payload);
    await expectCode('E_AUTH', openRecord(keyring, context, concat(sealed.slice(0, 66), other.slice(66))));
    await expectCode('E_AUTH', openRecord(keyring, context, concat(sealed.slice(0, 34), other.slice(34))));
  });

  test.each([4, 8, 12])('case 24: fails with its tag cut to %i bytes', async (length) => {
    await expectCode('E_AUTH', openRecord(keyring, context, sealed.slice(0, sealed.length - 16 + length)));
  });

  test.each([32, 64, 96])('case 24: fails when it was sealed with a tag of %i bits', async (bits) => {
    const padded = new Uint8Array(256);
    padded[0] = 0x80;
    await expectCode('E_AUTH', openRecord(keyring, context, await sealPadded(padded, bits)));
  });

  test('the commitment is compared before anything is decrypted', async () => {
    let decryptions = 0;
    const original = crypto.subtle.decrypt;
    crypto.subtle.decrypt = function decrypt(...args: Parameters<SubtleCrypto['decrypt']>) {
      decryptions++;
      return original.apply(crypto.subtle, args);
    };
    try {
      await expectCode('E_AUTH', openRecord(keyring, context, changed(40, (sealed[40] as number) ^ 1)));
      expect(decryptions).toBe(0);
      await openRecord(keyring, context, sealed);
      expect(decryptions).toBe(1);
    } finally {
      crypto.subtle.decrypt = original;
    }
  });
});

describe('sizes', () => {
  test('case 25: an empty payload and one of 1 MiB come back, one byte more is refused both ways', async () => {
    const mebibyte = new Uint8Array(1_048_576).fill(7);
    for (const size of [new Uint8Array(), mebibyte]) {
      const { sealed: record } = await sealRecord(keyring, context, size);
      expect((await openRecord(keyring, context, record)).length).toBe(size.length);
    }
    await expectCode('E_INPUT', sealRecord(keyring, context, new Uint8Array(1_048_577)));
    await expectCode('E_FORMAT', openRecord(keyring, context, new Uint8Array(82 + 1_048_576 + 4096 + 1).fill(1)));
  });

  test('case 25: an oversized envelope is refused before any key is used', async () => {
    const untouched = new Proxy(keyring, {
      get: () => {
        throw new Error('the keyring was asked');
      },
    });
    await expectCode('E_FORMAT', openRecord(untouched, context, new Uint8Array(2_000_000).fill(1)));
    await expectCode('E_FORMAT', openRecord(untouched, context, new Uint8Array(82).fill(1)));
  });

  test('case 26: payloads of one bucket have one size', async () => {
    const sizes = [0, 1, 100, 255].map(
      async (n) => (await sealRecord(keyring, context, new Uint8Array(n))).sealed.length,
    );
    expect(new Set(await Promise.all(sizes))).toEqual(new Set([82 + 256]));
    expect((await sealRecord(keyring, context, new Uint8Array(256))).sealed.length).toBe(82 + 512);
  });

  test('case 26: a payload that ends like padding comes back whole', async () => {
    const tricky = Uint8Array.of(1, 0x80, 0, 0);
    const { sealed: record } = await sealRecord(keyring, context, tricky);
    expect(await openRecord(keyring, context, record)).toEqual(tricky);
  });

  test('case 26: malformed padding under a valid tag is refused like any other tampering', async () => {
    for (const padded of [new Uint8Array(256), new Uint8Array(256).fill(1), Uint8Array.of(0x80, 1)]) {
      await expectCode('E_AUTH', openRecord(keyring, context, await sealPadded(padded)));
    }
  });
});
