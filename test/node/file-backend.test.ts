import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the file backend', () => {
  const path = join(folder, 'tokens');
  for (const { name, run } of recordBackendContract(() => fileBackend(path))) test(name, run);
});
