import { join } from 'node:path';
import { describe, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { tokenStoreContract } from '../../src/testing/index.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';
import { oneRenewal } from '../support/one-renewal.ts';
import { storeRaces } from '../support/store-races.ts';
import { tokenStores } from '../support/token-stores.ts';

const folder = temporaryFolder();

describe('an encrypted token store in a file', () => {
  for (const { name, run } of tokenStoreContract(tokenStores(fileBackend(join(folder, 'tokens'))))) test(name, run);
});

describe('many writers at once, in one file', () => {
  for (const [n, { name, run }] of storeRaces.entries()) {
    test(name, () => run(() => fileBackend(join(folder, `race ${n}`))));
  }
});

test('forty callers of a token in a file that has expired renew it once', async () => {
  await oneRenewal(() => fileBackend(join(folder, 'renewed')));
});
