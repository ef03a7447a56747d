import { describe, test } from 'vitest';
import { type ListRow, listBackend } from '../../src/backends/list-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';

describe('the list backend', () => {
  const rows: ListRow[] = [];
  for (const { name, run } of recordBackendContract(() => listBackend(rows))) test(name, run);
});
