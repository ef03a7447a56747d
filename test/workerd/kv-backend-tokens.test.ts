import { env } from 'cloudflare:workers';
import { describe, test } from 'vitest';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import { tokenStoreContract } from '../../src/testing/index.ts';
import { tokenStores } from '../support/token-stores.ts';

describe('an encrypted token store in KV', () => {
  for (const { name, run } of tokenStoreContract(tokenStores(kvBackend(env.KV)))) test(name, run, 120_000);
});
