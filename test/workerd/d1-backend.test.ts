import { env } from 'cloudflare:workers';
import { describe, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';

describe('the D1 backend', () => {
  for (const { name, run } of recordBackendContract(() => d1Backend(env.DB))) test(name, run);
});
