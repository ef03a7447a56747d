import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blindIndex } from '../../src/crypto/blind-index.ts';
import { createKeyring } from '../../src/crypto/create-keyring.ts';
import { importRoot } from '../../src/crypto/import-root.ts';
import { openRecord } from '../../src/crypto/open-record.ts';
import { sealRecord } from '../../src/crypto/seal-record.ts';
import { indexOf, keyIdOf, readEnvelope, writeEnvelope } from '../support/independent-format.ts';
import vectors from '../vectors/format-v1.json' with { type: 'json' };

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));
const roots = bytes(32).filter((root) => root.some((byte) => byte !== root[0]));
const text = (maxLength: number) =>
  fc.string({ unit: 'binary', minLength: 1, maxLength }).filter((s) => s.isWellFormed());
const contexts = fc.record({
  schema: fc.integer({ min: 0, max: 65_535 }),
  tenant: text(30),
  collection: text(15),
  id: text(60),
  revision: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  expiresAt: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
});

async function keyringOf(root: Buffer) {
  const { keyId, key } = await importRoot(Uint8Array.from(root));
  return createKeyring({ roots: [{ keyId, key, status: 'enabled' }], primary: keyId, primaryIndex: keyId });
}

describe('a second implementation, on node:crypto', () => {
  test('makes and reads the known answers of format v1', () => {
    for (const { root, keyId, context, salt, iv, payload, envelope } of vectors.envelopes) {
      expect(keyIdOf(hex(root))).toBe(keyId);
      expect(writeEnvelope(hex(root), hex(salt), hex(iv), context, hex(payload)).toString('hex')).toBe(envelope);
      expect(readEnvelope(hex(root), context, hex(envelope)).toString('hex')).toBe(payload);
    }
    for (const { root, tenant, field, value, mac } of vectors.indexes) {
      expect(indexOf(hex(root), tenant, field, value).toString('hex')).toBe(mac);
    }
  });

  test('reads what the library seals, in any context', async () => {
    await fc.assert(
      fc.asyncProperty(roots, contexts, fc.uint8Array({ maxLength: 600 }), async (root, context, payload) => {
        const { keyId, sealed } = await sealRecord(await keyringOf(root), context, payload);
        expect(keyId).toBe(keyIdOf(root));
        expect(readEnvelope(root, context, Buffer.from(sealed)).equals(Buffer.from(payload))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('writes what the library opens, in any context', async () => {
    await fc.assert(
      fc.asyncProperty(
        roots,
        contexts,
        bytes(28),
        fc.uint8Array({ maxLength: 600 }),
        async (root, context, random, payload) => {
          const envelope = writeEnvelope(
            root,
            random.subarray(0, 16),
            random.subarray(16),
            context,
            Buffer.from(payload),
          );
          const opened = await openRecord(await keyringOf(root), context, Uint8Array.from(envelope));
          expect(Buffer.from(opened).equals(Buffer.from(payload))).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('computes the same lookups', async () => {
    await fc.assert(
      fc.asyncProperty(roots, text(30), text(15), text(200), async (root, tenant, field, value) => {
        const lookup = await blindIndex(await importRoot(Uint8Array.from(root)), tenant, field, value);
        expect(Buffer.from(lookup).equals(indexOf(root, tenant, field, value).subarray(0, 16))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
