import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import { planImport } from '../../src/importer/plan-import.ts';
import { readFileStore } from '../../src/importer/read-file-store.ts';
import { readSqliteStore } from '../../src/importer/read-sqlite-store.ts';
import { runImport } from '../../src/importer/run-import.ts';
import { verifyImport } from '../../src/importer/verify-import.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { testKeyring } from '../support/test-keyring.ts';
import {
  pythonFile,
  pythonHeader,
  sqliteFile,
  typescriptFile,
  typescriptHeader,
  zohoRow,
} from '../support/zoho-sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-garbage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'source');
const keyring = await testKeyring();

/** Imports the source twice; whatever it is, that ends in a report or in a typed error, and the source is as it was. */
async function importAnything(content: Uint8Array, read: typeof readFileStore): Promise<void> {
  writeFileSync(path, content);
  const before = statSync(path, { bigint: true });
  const store = new EncryptedTokenStore({ backend: memoryBackend(), keyring });
  try {
    const plan = await planImport(read(path));
    const { report, written } = await runImport(plan, store, { write: true });
    const { outcomes } = report;
    expect(Object.values(outcomes).reduce((sum, count) => sum + count)).toBe(plan.rows);
    expect(report).not.toHaveProperty('failure');
    expect((await verifyImport(written, store)).mismatches).toEqual([]);
    const again = await runImport(await planImport(read(path)), store, { write: true });
    expect(again.written).toEqual([]);
  } catch (error) {
    if (!(error instanceof TokenkeepError)) throw error;
  }
  const after = statSync(path, { bigint: true });
  expect([after.mtimeNs, after.ctimeNs, after.size]).toEqual([before.mtimeNs, before.ctimeNs, before.size]);
  expect(readFileSync(path)).toEqual(Buffer.from(content));
}

const rows = [zohoRow('ann@example.com:1'), zohoRow('Doe, "John"'), zohoRow('Jörg\n2,x'), zohoRow('ann@example.com:1')];
const whole = rows.map((row, i) => ({ id: String((i % 3) + 1), ...row }));
const files = [typescriptFile(whole), pythonFile(whole)].map((text) => Buffer.from(text));

/** Replaces some bytes of a file that would be whole. */
function spoiled(file: Buffer): fc.Arbitrary<Uint8Array> {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc.constantFrom(',', '"', '\n', '\r\n', '\0', 'NaN', ',,', '"\n', '\uFEFF').map((text) => Buffer.from(text)),
  );
  const edit = fc.tuple(fc.nat(file.length), fc.nat(40), piece);
  return fc.array(edit, { minLength: 1, maxLength: 6 }).map((edits) =>
    edits.reduce((bytes, [at, removed, added]) => {
      return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
    }, file),
  );
}

const cell = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '',
    '1',
    'NaN',
    '1790000000000',
    String(Date.now() + 3e6),
    'https://www.zohoapis.eu',
    'x'.repeat(5000),
  ),
);
const line = fc.array(cell, { minLength: 7, maxLength: 12 }).map((cells) => cells.join());
const made = fc
  .tuple(fc.constantFrom(typescriptHeader, pythonHeader), fc.array(line, { maxLength: 8 }))
  .map(([header, lines]) => Buffer.from([header, ...lines].join('\n')));

test('any file at all leads to a report or a typed error, and is never changed', { timeout: 60_000 }, async () => {
  const anything = fc.oneof(fc.uint8Array({ maxLength: 300 }), ...files.map(spoiled), made);
  await fc.assert(
    fc.asyncProperty(anything, (content) => importAnything(content, readFileStore)),
    { numRuns: 300 },
  );
});

test('so does any SQLite database with damaged bytes', { timeout: 60_000 }, async () => {
  const original = join(folder, 'original.db');
  sqliteFile(original, rows);
  const content = spoiled(readFileSync(original));
  await fc.assert(
    fc.asyncProperty(content, (bytes) => importAnything(bytes, readSqliteStore)),
    { numRuns: 60 },
  );
});
