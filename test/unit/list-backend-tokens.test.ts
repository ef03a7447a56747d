import { describe, expect, test } from 'vitest';
import { type ListRow, listBackend } from '../../src/backends/list-backend.ts';
import { tokenStoreContract } from '../../src/testing/index.ts';
import { oneRenewal } from '../support/one-renewal.ts';
import { storeRaces } from '../support/store-races.ts';
import { tokenStores } from '../support/token-stores.ts';

describe('an encrypted token store in a list', () => {
  for (const { name, run } of tokenStoreContract(tokenStores(listBackend([])))) test(name, run);
});

describe('many writers at once, in one list', () => {
  for (const { name, run } of storeRaces) {
    test(name, () => {
      const rows: ListRow[] = [];
      return run(() => listBackend(rows));
    });
  }
});

test('forty callers of a token in a list that has expired renew it once', async () => {
  const rows: ListRow[] = [];
  await oneRenewal(() => listBackend(rows));
  expect(rows).toHaveLength(1);
});
