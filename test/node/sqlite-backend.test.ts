import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'vitest';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { recordBackendContract, tokenStoreContract } from '../../src/testing/index.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';
import { storeAttacks } from '../support/store-attacks.ts';
import { storeRaces } from '../support/store-races.ts';
import { tokenStores } from '../support/token-stores.ts';

const folder = temporaryFolder();

describe.each([
  ['a file', () => join(folder, 'records.db')],
  ['memory', () => ':memory:'],
  ['a connection of the caller', () => new DatabaseSync(':memory:', { readBigInts: true, returnArrays: true })],
])('the SQLite backend, over %s,', (_, database) => {
  const backend = sqliteBackend(database());
  for (const { name, run } of recordBackendContract(() => backend)) test(name, run);
  for (const { name, run } of tokenStoreContract(tokenStores(backend))) test(name, run);
});

describe('many writers at once, each with a connection of its own to one file', () => {
  for (const [n, { name, run }] of storeRaces.entries()) {
    test(name, () => run(() => sqliteBackend(join(folder, `race-${n}.db`))));
  }
});

describe('whoever owns the database, in SQLite', () => {
  for (const { name, run } of storeAttacks) test(name, () => run(sqliteBackend(':memory:')));
});
