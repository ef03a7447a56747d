import { describe, test } from 'vitest';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';

describe('the SQLite backend in memory', () => {
  const backend = sqliteBackend(':memory:');
  for (const { name, run } of recordBackendContract(() => backend)) test(name, run);
});
