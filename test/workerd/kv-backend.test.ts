import { env } from 'cloudflare:workers';
import { describe, test } from 'vitest';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';

describe('the KV backend', () => {
  for (const { name, run } of recordBackendContract(() => kvBackend(env.KV))) test(name, run, 120_000);
});
