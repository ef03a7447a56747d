import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reachableModules } from '../support/reachable-modules.ts';
import { runTool } from '../support/run-tool.ts';

const root = join(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What each entry point may bring into somebody's bundle. */
const packages: { readonly [entry: string]: readonly string[] } = {
  '.': [],
  './d1': [],
  './file': ['node:fs', 'node:path', 'node:sqlite', 'node:zlib'],
  './hono': ['hono', 'oauth4webapi'],
  './indexeddb': ['idb'],
  './integrations/zoho': ['oauth4webapi'],
  './kv': [],
  './list': [],
  './memory': [],
  './mysql': ['mysql2'],
  './oauth': ['oauth4webapi'],
  './page': ['oauth4webapi'],
  './sqlite': ['node:fs', 'node:path', 'node:sqlite'],
  './testing': [],
  './vault': ['idb'],
};

function load(entry: string) {
  return reachableModules(join(root, manifest.exports[entry].default));
}

describe('the package', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-pack-'));
  const tarball = join(folder, `tokenkeep-${manifest.version}.tgz`);
  let packed: string[] = [];

  beforeAll(async () => {
    const { output, stdout } = await runTool('npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder);
    expect(existsSync(tarball), output).toBe(true);
    const [report] = Object.values(JSON.parse(stdout)) as [{ files: { path: string }[] }];
    packed = report.files.map(({ path }) => path);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('satisfies publint, warnings and suggestions included', async () => {
    const { code, output } = await runTool('publint', 'run', tarball, '--strict');
    expect(code, output).toBe(0);
    expect(output).toContain('All good!');
  });

  test('gives TypeScript the types of every entry point, for Node and for bundlers', async () => {
    const { code, output } = await runTool('attw', tarball, '--profile', 'esm-only', '--no-emoji');
    expect(code, output).toBe(0);
  });

  test('contains the built library, its source and its migrations', () => {
    expect(packed).toEqual(
      expect.arrayContaining(['LICENSE', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts', 'package.json']),
    );
    expect(packed.filter((path) => path.startsWith('migrations/')).length).toBeGreaterThan(0);
  });

  test('contains nothing else: no test, script, setting, worker or page', () => {
    const expected =
      /^(dist|docs|examples|migrations|src)\/|^(README|SECURITY|CHANGELOG)\.md$|^LICENSE$|^package\.json$/;
    expect(packed.filter((path) => !expected.test(path))).toEqual([]);
    expect(packed.filter((path) => /\.(test|spec)\./.test(path))).toEqual([]);
  });

  test('contains no built file whose source is gone', () => {
    const sources = new Set(globSync('src/**/*.ts', { cwd: root }).map((path) => path.slice(4, -3)));
    const built = packed.filter((path) => path.startsWith('dist/'));
    expect(built.filter((path) => !sources.has(path.slice(5).replace(/(\.d\.ts|\.js)(\.map)?$/, '')))).toEqual([]);
  });
});

describe('the entry points', () => {
  test('are all listed here with the packages they may bring along', () => {
    expect(Object.keys(manifest.exports).filter((entry) => entry !== './package.json')).toEqual(Object.keys(packages));
  });

  test('all exist once the library is built', () => {
    const targets = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry as object),
    );
    expect(targets.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test.each(Object.entries(packages))('%s brings along exactly these packages: %j', (entry, expected) => {
    expect(load(entry).packages).toEqual(expected);
  });

  test('depend, with the command line, on what the manifest names and on nothing else', () => {
    const named = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const brought = [
      ...Object.values(packages).flat(),
      ...reachableModules(join(root, manifest.bin.tokenkeep)).packages,
    ];
    // Zoho's SDK is handed in by those who use it, and wrangler is that of the project that the command line is run in
    const imported = named.filter((name) => name !== '@zohocrm/typescript-sdk-8.0' && name !== 'wrangler');
    expect([...new Set(brought)].filter((name) => !name.startsWith('node:')).sort()).toEqual(imported.sort());
  });

  test('bring no cryptography with the backends of the edge', () => {
    expect(load('./d1').code).not.toContain('AES-GCM');
    expect(load('./kv').code).not.toContain('AES-GCM');
  });

  test('case 35: bring nothing that derives keys from passphrases to the edge, where the platform caps it', () => {
    for (const entry of ['./hono', './d1', './kv', '.']) expect(load(entry).code).not.toContain('PBKDF2');
    expect(load('./hono').code).toContain('AES-GCM');
  });
});
