import { env } from 'cloudflare:workers';
import { describe, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { tokenStoreContract } from '../../src/testing/index.ts';
import { tokenStores } from '../support/token-stores.ts';

describe('an encrypted token store in D1', () => {
  for (const { name, run } of tokenStoreContract(tokenStores(d1Backend(env.DB)))) test(name, run);
});
