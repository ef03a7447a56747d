import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { rotationFigures } from '../support/rotation-figures.ts';

test('rotation, and the work that it cannot do without', async ({ task }) => {
  const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-bench-'));
  const sqlite = sqliteBackend(join(folder, 'tokens.db'));
  const file = fileBackend(join(folder, 'tokens.tokenkeep'));
  try {
    task.meta.figures = [
      ...(await rotationFigures('memory in Node', memoryBackend(), 1000)),
      ...(await rotationFigures('SQLite', sqlite, 1000)),
      ...(await rotationFigures('file', file, 1000)),
    ];
    expect((await sqlite.keyUse()).length).toBe(1);
  } finally {
    await Promise.all([sqlite.close(), file.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
});
