import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkImports } from '../support/check-imports.ts';
import { checkShape } from '../support/check-shape.ts';
import { importTable } from '../support/import-table.ts';
import type { SourceFile } from '../support/source-file.ts';

const root = join(import.meta.dirname, '../..');
const files: SourceFile[] = globSync('{src,worker,web-demo}/**/*.ts', { cwd: root })
  .filter((path) => !/(^|\/)(dist|node_modules)\/|\.d\.ts$/.test(path))
  .sort()
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

describe('the repository', () => {
  test('imports only what the table allows, without a cycle', () => {
    expect(checkImports(files, importTable)).toEqual([]);
  });

  test('has small files that are named after what they export', () => {
    expect(checkShape(files)).toEqual([]);
  });

  test('has a file in every folder of the table', () => {
    const empty = Object.keys(importTable).filter((folder) => !files.some(({ path }) => path.startsWith(`${folder}/`)));
    expect(empty).toEqual([]);
  });
});

function imports(...sources: [path: string, text: string][]): string[] {
  return checkImports(
    sources.map(([path, text]) => ({ path, text })),
    importTable,
  );
}

function shape(path: string, text: string): string[] {
  return checkShape([{ path, text }]);
}

describe('the import check', () => {
  test('takes imports downwards, within a folder, and of the folder’s own packages', () => {
    expect(
      imports(
        ['src/store/token-key.ts', "import { a } from '../crypto/a.ts';\nimport type { B } from './b.ts';"],
        ['src/backends/d1-backend.ts', "import { openDB } from 'idb';\nexport { c } from './record-sql.ts';"],
        ['worker/index.ts', "import { Hono } from 'hono';\nimport { d1Backend } from 'tokenkeep/d1';"],
        ['web-demo/src/a/b.ts', "import { c } from '../c.ts';\nimport { html } from 'lit';"],
      ),
    ).toEqual([]);
  });

  test.each([
    ['upwards', 'src/core/a.ts', "import { b } from '../store/b.ts';", 'src/core may not import src/store'],
    ['a sibling', 'src/manager/a.ts', "import { b } from '../oauth/b.ts';", 'src/manager may not import src/oauth'],
    ['for a type', 'src/core/a.ts', "import type { B } from '../store/b.ts';", 'may not import src/store'],
    ['by re-export', 'src/core/a.ts', "export { b } from '../store/b.ts';", 'may not import src/store'],
    [
      'over several lines',
      'src/core/a.ts',
      "import {\n  b,\n  c,\n} from '../store/b.ts';",
      'may not import src/store',
    ],
    ['for its effect', 'src/core/a.ts', "import '../store/b.ts';", 'may not import src/store'],
    ['late', 'src/core/a.ts', "const b = await import('../store/b.ts');", 'may not import src/store'],
    ['inside a type', 'src/core/a.ts', "type B = import('../store/b.ts').B;", 'may not import src/store'],
    ['a package', 'src/core/a.ts', "import { openDB } from 'idb';", 'src/core may not import that package'],
    ['a Node module', 'src/crypto/a.ts', "import { hkdf } from 'node:crypto';", 'may not import that package'],
    ['a package that begins alike', 'src/backends/a.ts', "import 'idb-keyval';", 'may not import that package'],
    [
      'another backend',
      'src/backends/d1-backend.ts',
      "import './kv-backend.ts';",
      'one backend does not import another',
    ],
    ['an unknown folder', 'src/core/a.ts', "import '../extra/b.ts';", 'does not know that folder'],
    ['source from the worker', 'worker/index.ts', "import '../src/core/a.ts';", 'published entry points only'],
    ['source from the page', 'web-demo/src/a/b.ts', "import '../../../src/core/a.ts';", 'published entry points only'],
  ])('refuses an import %s', (_, path, text, reason) => {
    expect(imports([path, text])).toEqual([expect.stringContaining(reason)]);
  });

  test('refuses a folder that the table does not know, at any depth', () => {
    expect(imports(['src/extra/a.ts', ''], ['src/core/deep/b.ts', ''])).toHaveLength(2);
  });

  test('ignores what stands in comments and in other strings', () => {
    const text = "// import '../store/b.ts';\n/* from '../store/b.ts' */\nconst a = 'https://x // y'; // from 'idb'";
    expect(imports(['src/core/a.ts', text])).toEqual([]);
  });

  test('finds a cycle, however long, and names the way round', () => {
    expect(
      imports(
        ['src/core/a.ts', "import './b.ts';"],
        ['src/core/b.ts', "import type { C } from './c.ts';"],
        ['src/core/c.ts', "import './a.ts';"],
        ['src/core/d.ts', "import './a.ts';"],
      ),
    ).toEqual(['src/core/a.ts imports src/core/b.ts imports src/core/c.ts imports src/core/a.ts: a cycle']);
  });

  test('takes two ways to the same file for what they are: no cycle', () => {
    expect(
      imports(
        ['src/core/a.ts', "import './b.ts';\nimport './c.ts';"],
        ['src/core/b.ts', "import './d.ts';"],
        ['src/core/c.ts', "import './d.ts';"],
        ['src/core/d.ts', ''],
      ),
    ).toEqual([]);
  });
});

describe('the shape check', () => {
  const line = 'step();\n';

  test('refuses a file of more than 250 lines, comments included', () => {
    expect(shape('worker/index.ts', line.repeat(250))).toEqual([]);
    expect(shape('worker/index.ts', `${line.repeat(200)}${'// why\n'.repeat(51)}`)).toHaveLength(1);
  });

  test('refuses a backend of more than 80 lines of code, and counts neither comments nor blank lines', () => {
    const head = 'export function d1Backend(): void {}\n';
    const comments = '\n/**\n * why\n */\n// why\n'.repeat(20);
    expect(shape('src/backends/d1-backend.ts', head + comments + line.repeat(79))).toEqual([]);
    expect(shape('src/backends/d1-backend.ts', head + line.repeat(80))).toHaveLength(1);
  });

  test.each([
    ['a function', 'src/core/equal-bytes.ts', 'export function equalBytes(): void {}'],
    ['a class', 'src/core/tokenkeep-error.ts', 'export class TokenkeepError extends Error {}'],
    ['a type', 'src/core/token-store.ts', 'export interface TokenStore {}'],
    ['a name with an abbreviation', 'src/backends/indexeddb-backend.ts', 'export function indexedDbBackend(): void {}'],
    [
      'the thing that several functions are about',
      'src/core/padding.ts',
      'export function pad() {}\nexport function unpad() {}',
    ],
  ])('takes a file named after %s', (_, path, text) => {
    expect(shape(path, text)).toEqual([]);
  });

  test.each([
    ['something else than its one export', 'src/core/bytes.ts', 'export function toText(): void {}'],
    ['only half of its one export', 'src/core/token-store.ts', 'export function saveToken(): void {}'],
    ['nothing it exports', 'src/core/token.ts', 'export function first() {}\nexport function second() {}'],
    [
      'an export that is only in a comment',
      'src/core/a-file.ts',
      '// export function aFile() {}\nexport const other = 1;',
    ],
    ['its export, but in camel case', 'src/core/equalBytes.ts', 'export function equalBytes(): void {}'],
  ])('refuses a file named after %s', (_, path, text) => {
    expect(shape(path, text)).toEqual([expect.stringContaining('not named after')]);
  });

  test.each([
    ['src/core/token-utils.ts', 'export const tokenUtils = 1;'],
    ['src/core/test-helper.ts', 'export const testHelper = 1;'],
    ['worker/route-manager.ts', ''],
    ['web-demo/src/common.ts', ''],
    ['src/core/token.ts', 'export const token = 1;\nexport class TokenManager {}'],
  ])('refuses the empty word in %s', (path, text) => {
    expect(shape(path, text)).toEqual([expect.stringContaining('does not say what it is for')]);
  });

  test('lets an index re-export by name, and do nothing else', () => {
    expect(
      shape('src/index.ts', "// why\nexport { a } from './a.ts';\nexport type {\n  B,\n} from './b.ts';\n"),
    ).toEqual([]);
    expect(shape('src/index.ts', "export * from './a.ts';")).toHaveLength(1);
    expect(shape('src/hono/index.ts', "export * as a from './a.ts';")).toHaveLength(1);
    expect(shape('src/index.ts', 'export const a = 1;')).toHaveLength(1);
    expect(shape('src/index.ts', "import './a.ts';")).toHaveLength(1);
  });

  test('keeps the library from writing to the console', () => {
    expect(shape('src/core/a.ts', 'export const a = 1; // not console.log()')).toEqual([]);
    expect(shape('src/core/a.ts', 'export const a = 1;\nconsole.log(a);')).toHaveLength(1);
  });
});
