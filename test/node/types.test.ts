import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runTool } from '../support/run-tool.ts';

const root = join(import.meta.dirname, '../..');
const programs = {
  library: 'tsconfig.json',
  worker: 'worker/tsconfig.json',
  tests: 'test/tsconfig.json',
  workerTests: 'test/workerd/tsconfig.json',
};

async function filesOf(program: string): Promise<string[]> {
  const { stdout } = await runTool('tsc', '-p', program, '--listFilesOnly');
  return stdout.split('\n').map((path) => relative(root, path));
}

describe('types', { timeout: 120_000 }, () => {
  test('are right in the library, which knows the DOM and nothing of Node', async () => {
    expect(await runTool('tsc', '-p', programs.library)).toMatchObject({ code: 0, output: '' });
  });

  test('are right in the tests, the scripts, the benchmarks and the page', async () => {
    expect(await runTool('tsc', '-p', programs.tests)).toMatchObject({ code: 0, output: '' });
  });

  test('are right in the tests that run in workerd', async () => {
    expect(await runTool('tsc', '-p', programs.workerTests)).toMatchObject({ code: 0, output: '' });
  });

  test('are right in the worker and all of the library that it uses, which know neither the DOM nor Node', async () => {
    expect(await runTool('tsc', '-p', programs.worker)).toMatchObject({ code: 0, output: '' });
    const files = await filesOf(programs.worker);
    expect(files.filter((path) => /lib\.dom|@types\/node/.test(path))).toEqual([]);
    const used = globSync('src/{core,crypto,store,manager,oauth,hono}/*.ts', { cwd: root });
    expect(used.filter((path) => !files.includes(path))).toEqual([]);
  });

  test('are checked in every file of the repository', async () => {
    const checked = new Set((await Promise.all(Object.values(programs).map(filesOf))).flat());
    const files = globSync('{src,worker,web-demo,test,scripts,bench,.}/**/*.{ts,mts,mjs}', {
      cwd: root,
      exclude: (path) => /(^|\/)(node_modules|dist|coverage|\.\w+)$/.test(String(path)),
    });
    expect(files.map((path) => path.replace(/^\.\//, '')).filter((path) => !checked.has(path))).toEqual([]);
  });
});
