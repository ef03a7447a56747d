import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runTool } from '../support/run-tool.ts';

const root = join(import.meta.dirname, '../..');
const programs = {
  library: 'tsconfig.json',
  nodeLibrary: 'tsconfig.node.json',
  worker: 'worker/tsconfig.json',
  tests: 'test/tsconfig.json',
  workerTests: 'test/workerd/tsconfig.json',
};

async function filesOf(program: string): Promise<string[]> {
  const { stdout } = await runTool('tsc', '-p', program, '--listFilesOnly');
  return stdout.split('\n').map((path) => relative(root, path));
}

/** Compiles a project that imports every entry point and checks all the declarations it gets. */
async function compileConsumer(compilerOptions: object): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-consumer-'));
  try {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object };
    const entries = Object.keys(manifest.exports).filter((entry) => !entry.endsWith('.json'));
    const imports = entries.map(
      (entry, i) => `import * as entry${i} from 'tokenkeep${entry.slice(1)}';\nvoid entry${i};`,
    );
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/tokenkeep'));
    symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'consumer.ts'), imports.join('\n'));
    const options = { target: 'es2022', module: 'nodenext', strict: true, noEmit: true, skipLibCheck: false };
    const config = { compilerOptions: { ...options, ...compilerOptions }, include: ['consumer.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    return (await runTool('tsc', '-p', folder)).output;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('types', { timeout: 120_000 }, () => {
  test('are right in the library, which knows the DOM and nothing of Node', async () => {
    expect(await runTool('tsc', '-p', programs.library)).toMatchObject({ code: 0, output: '' });
  });

  test('are right in the part of the library that needs Node', async () => {
    expect(await runTool('tsc', '-p', programs.nodeLibrary)).toMatchObject({ code: 0, output: '' });
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

  test('compile with those of a browser, and without them in Node', async () => {
    expect(await compileConsumer({ lib: ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable'], types: [] })).toBe('');
    expect(await compileConsumer({ lib: ['es2022'], types: ['node'] })).toBe('');
  });

  test('are checked in every file of the repository', async () => {
    const checked = new Set((await Promise.all(Object.values(programs).map(filesOf))).flat());
    const files = globSync('{src,worker,web-demo,test,scripts,bench,examples,.}/**/*.{ts,mts,mjs}', {
      cwd: root,
      exclude: (path) => /(^|\/)(node_modules|dist|coverage|\.\w+)$/.test(String(path)),
    });
    expect(files.map((path) => path.replace(/^\.\//, '')).filter((path) => !checked.has(path))).toEqual([]);
  });
});
