import { join } from 'node:path';
import { describe, test } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';
import { eachTimeAnew } from '../support/each-time-anew.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

const folder = temporaryFolder();

describe('the file backend', () => {
  const backend = fileBackend(join(folder, 'one'));
  for (const { name, run } of recordBackendContract(() => backend)) test(name, run);
});

// a thousand records would be read a thousand times, as a whole
const cases = (create: () => RecordBackend) =>
  recordBackendContract(create).filter(({ name }) => !name.includes('more than a thousand'));

describe('the file backend, each operation by another of four connections', () => {
  const { capabilities } = fileBackend(folder);
  const several = (): RecordBackend => {
    const path = join(folder, crypto.randomUUID());
    const backends = Array.from({ length: 4 }, () => fileBackend(path));
    let turn = 0;
    return eachTimeAnew(capabilities, (work) => work(backends[++turn % 4] as RecordBackend));
  };
  for (const { name, run } of cases(several)) test(name, run);
});

describe('the file backend, opened anew for every operation', () => {
  const { capabilities } = fileBackend(folder);
  const anew = (): RecordBackend => {
    const path = join(folder, crypto.randomUUID());
    return eachTimeAnew(capabilities, async (work) => {
      const backend = fileBackend(path);
      try {
        return await work(backend);
      } finally {
        await backend.close();
      }
    });
  };
  for (const { name, run } of cases(anew)) test(name, run);
});
