import { posix } from 'node:path';
import { importsOf } from './imports-of.ts';
import type { SourceFile } from './source-file.ts';

/** A table as in `import-table.ts`. */
export type ImportTable = { readonly [folder: string]: readonly string[] };

/** Checks imports against the table and finds import cycles. Each violation is a sentence; none is an empty array. */
export function checkImports(files: readonly SourceFile[], table: ImportTable): string[] {
  const violations: string[] = [];
  const edges = new Map<string, string[]>();
  for (const file of files) {
    const folder = folderOf(file.path, table);
    if (folder === undefined) {
      violations.push(`${file.path} is in a folder that the import table does not know`);
      continue;
    }
    const targets: string[] = [];
    for (const name of importsOf(file.text)) {
      const target = name.startsWith('.') ? posix.join(posix.dirname(file.path), name) : undefined;
      if (target !== undefined) targets.push(target);
      const reason = refusal(file.path, folder, name, target, table);
      if (reason) violations.push(`${file.path} imports ${target ?? name}, but ${reason}`);
    }
    edges.set(file.path, targets);
  }
  return [...violations, ...cycles(edges).map((path) => `${path.join(' imports ')}: a cycle`)];
}

function folderOf(path: string, table: ImportTable): string | undefined {
  const [top] = path.split('/') as [string];
  const folder = top === 'src' ? posix.dirname(path) : top;
  return folder in table ? folder : undefined;
}

function refusal(
  path: string,
  folder: string,
  name: string,
  target: string | undefined,
  table: ImportTable,
): string | undefined {
  const allowed = table[folder] as readonly string[];
  if (target === undefined) {
    const known = allowed.some((entry) => name === entry || name.startsWith(`${entry}/`));
    return known ? undefined : `${folder} may not import that package`;
  }
  const other = folderOf(target, table);
  if (other === undefined) return 'the import table does not know that folder';
  if (other !== folder) {
    if (allowed.includes(other)) return undefined;
    return folder.startsWith('src')
      ? `${folder} may not import ${other}`
      : `${folder} uses published entry points only`;
  }
  const backend = /-backend\.ts$/;
  return backend.test(path) && backend.test(target) ? 'one backend does not import another' : undefined;
}

/** Every file that can reach itself, by one path that shows it. */
function cycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path]);
      return;
    }
    if (finished.has(path)) return;
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path]);
    finished.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}
