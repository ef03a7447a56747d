import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fileBackend } from '../../src/backends/node/file-backend.ts';
import type { RecordBackend } from '../../src/core/record-backend.ts';
import { recordScenario } from '../../src/testing/record-scenario.ts';
import { expectCode } from '../support/expect-code.ts';
import { observedFs } from '../support/file/observed-fs.ts';
import { temporaryFolder } from '../support/file/temporary-folder.ts';

vi.mock('node:fs', async (original) => {
  const { observeFs } = await import('../support/file/observed-fs.ts');
  return observeFs(await original());
});

const folder = temporaryFolder();
afterEach(() => {
  observedFs.before = () => undefined;
});

/** What a disk says that fails, as Node reports it. */
function failure(code: string): Error {
  return Object.assign(new Error(`${code}: failed, open '/home/ann/secret'`), { code, path: '/home/ann/secret' });
}

/**
 * Lets the file system fail with its `nth` call from now on, and tells whether there was one. To close a file that was synced
 * cannot fail.
 */
function failAt(nth: number, code = 'EIO'): () => boolean {
  let calls = 0;
  observedFs.before = (name) => {
    if (name !== 'closeSync' && ++calls === nth) throw failure(code);
  };
  return () => {
    observedFs.before = () => undefined;
    return calls >= nth;
  };
}

/** The ids and revisions of a partition. */
async function holds(backend: RecordBackend, partition: string): Promise<string> {
  const { records } = await backend.page(partition, 100);
  return records.map(({ id, revision }) => `${id} ${revision}`).join(', ');
}

/** What is done to a store with the records "one" and "two", and what it then holds. */
const works: readonly [string, string, (scenario: ReturnType<typeof recordScenario>) => Promise<unknown>][] = [
  ['an update', 'one 2, two 1', ({ backend, sample }) => backend.put(sample('one', { revision: 2 }), { revision: 1 })],
  [
    'many writes',
    'four 1, one 2, two 1',
    ({ backend, sample }) =>
      backend.putEach([
        { record: sample('four'), condition: {} },
        { record: sample('two'), condition: {} },
        { record: sample('one', { revision: 2 }), condition: { revision: 1 } },
      ]),
  ],
  ['a deletion', 'two 1', ({ backend, partition }) => backend.delete(partition, 'one')],
  ['a clearing', '', ({ backend, partition }) => backend.clear(partition)],
];

describe('a file system that fails in the middle', () => {
  test.each(works)(
    'of %s, at whichever call, is reported and leaves nothing of it, or does not matter',
    async (_, after, work) => {
      for (let nth = 1; ; nth++) {
        const path = join(folder, crypto.randomUUID());
        const backend = fileBackend(path);
        const reader = fileBackend(path);
        const scenario = recordScenario(backend);
        const { partition, sample, add } = scenario;
        await add('one');
        await add('two');
        expect(await holds(reader, partition)).toBe('one 1, two 1');

        const hasFailed = failAt(nth);
        const error: unknown = await work(scenario).then(
          () => undefined,
          (refusal: unknown) => refusal,
        );
        if (!hasFailed()) break;
        if (error !== undefined) {
          expect(error, `call ${nth}`).toMatchObject({ name: 'TokenkeepError', code: 'E_STORAGE' });
          expect((error as Error).message).not.toContain('ann');
        }
        const held = await holds(reader, partition);
        expect(held, `call ${nth}`).toBe(error === undefined ? after : 'one 1, two 1');
        expect(await holds(backend, partition)).toBe(held);
        expect(await holds(fileBackend(path), partition)).toBe(held);
        expect(await backend.put(sample('three'), {}), `call ${nth}`).toBe('stored');
        expect(await holds(reader, partition)).toContain('three 1');
        expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
      }
    },
  );

  test('of the first save, at whichever call, leaves no file or a whole one', async () => {
    for (let nth = 1; ; nth++) {
      const path = join(folder, crypto.randomUUID());
      const { backend, partition, sample } = recordScenario(fileBackend(path));
      const hasFailed = failAt(nth);
      await backend.put(sample('one'), {}).catch(() => undefined);
      if (!hasFailed()) break;
      expect(['', 'one 1']).toContain(await holds(fileBackend(path), partition));
      expect(await backend.put(sample('two'), {})).toBe('stored');
      expect(await holds(fileBackend(path), partition)).toContain('two 1');
    }
  });

  test.each([
    ['ENOSPC', 'E_QUOTA'],
    ['EDQUOT', 'E_QUOTA'],
    ['EFBIG', 'E_QUOTA'],
    ['EACCES', 'E_STORAGE'],
    ['EROFS', 'E_STORAGE'],
    ['EIO', 'E_STORAGE'],
    ['EMFILE', 'E_STORAGE'],
  ] as const)('with %s is reported as %s', async (code, expected) => {
    const { backend, sample, add } = recordScenario(fileBackend(join(folder, crypto.randomUUID())));
    await add('one');
    observedFs.before = (name) => {
      if (name === 'writeSync') throw failure(code);
    };
    const error = await expectCode(expected, backend.put(sample('two'), {}));
    expect(error.message).not.toContain('ann');
  });

  test('after a commit point was written takes it back, also from who has read it already', async () => {
    const path = join(folder, crypto.randomUUID());
    const { backend, partition, sample, add } = recordScenario(fileBackend(path));
    const reader = fileBackend(path);
    await add('one');
    await add('two');
    const seen: Promise<string>[] = [];
    observedFs.before = (name) => {
      if (name !== 'fdatasync') return;
      observedFs.before = () => undefined;
      seen.push(holds(reader, partition));
      throw failure('EIO');
    };
    const { size } = statSync(path);
    await expectCode('E_STORAGE', backend.put(sample('three'), {}));
    expect(statSync(path).size).toBe(size);
    expect(await Promise.all(seen)).toEqual(['one 1, three 1, two 1']);
    for (const now of [reader, backend, fileBackend(path)]) expect(await holds(now, partition)).toBe('one 1, two 1');
    await add('four');
    for (const now of [reader, backend, fileBackend(path)]) {
      expect(await holds(now, partition)).toBe('four 1, one 1, two 1');
    }
  });

  test('while it is written anew, for want of room, is asked again only when there is twice as much to leave out', async () => {
    const path = join(folder, crypto.randomUUID());
    const { backend, sample, add } = recordScenario(fileBackend(path));
    await add('one');
    let attempts = 0;
    observedFs.before = (name, [path]) => {
      if (name !== 'openSync' || !String(path).endsWith('.new')) return;
      attempts++;
      throw failure('ENOSPC');
    };
    for (let revision = 2; revision <= 900; revision++) {
      expect(await backend.put(sample('one', { revision }), { revision: revision - 1 })).toBe('stored');
    }
    expect(attempts).toBe(3);
  });

  test('because somebody puts a link in the place of the new file at the last moment writes nothing through it', async () => {
    const path = join(folder, crypto.randomUUID());
    const { backend, sample } = recordScenario(fileBackend(path));
    writeFileSync(`${path}.victim`, 'mine');
    observedFs.before = (name, [opened]) => {
      if (name !== 'openSync' || opened !== `${path}.new`) return;
      observedFs.before = () => undefined;
      symlinkSync(`${path}.victim`, `${path}.new`);
    };
    await expectCode('E_STORAGE', backend.put(sample('one'), {}));
    expect(readFileSync(`${path}.victim`, 'utf8')).toBe('mine');
    expect(await backend.put(sample('one'), {})).toBe('stored');
    expect(readFileSync(`${path}.victim`, 'utf8')).toBe('mine');
  });
});
