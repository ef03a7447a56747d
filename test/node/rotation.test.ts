import { join } from 'node:path';
import { describe, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import { sqliteBackend } from '../../src/backends/node/sqlite-backend.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';
import { checksFor, rotationChecks } from '../support/rotation-checks.ts';
import { rotationCrashes } from '../support/rotation-crashes.ts';
import { rotationRaces } from '../support/rotation-races.ts';
import { scrubChecks } from '../support/scrub-checks.ts';

const folder = temporaryFolder();
const checks = checksFor([...rotationChecks, ...rotationRaces, ...scrubChecks], true);
const crashes = checksFor(rotationCrashes, true);

describe('a rotation, in memory,', () => {
  for (const { name, run } of [...checks, ...crashes]) {
    test(name, () => {
      const backend = memoryBackend();
      return run(() => backend);
    });
  }
});

describe('a rotation in SQLite, each time with a connection of its own,', () => {
  for (const [n, { name, run }] of [...checks, ...crashes].entries()) {
    test(name, () => run(() => sqliteBackend(join(folder, `${n}.db`))));
  }
});

describe('a rotation in a file', () => {
  for (const [n, { name, run }] of checks.entries())
    test(name, () => run(() => fileBackend(join(folder, `${n}.file`))));
});
