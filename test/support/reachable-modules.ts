import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf } from './code-of.ts';
import { importsOf } from './imports-of.ts';

/** What one entry point loads: the code of all its modules, without comments, and the packages they import. */
export interface Reachable {
  readonly code: string;
  readonly packages: readonly string[];
}

/** Follows the imports of a built module, as a bundler does that finds nothing to leave out. */
export function reachableModules(entry: string): Reachable {
  const texts = new Map<string, string>();
  const packages = new Set<string>();
  const visit = (path: string): void => {
    if (texts.has(path)) return;
    const text = readFileSync(path, 'utf8');
    texts.set(path, codeOf(text));
    for (const name of importsOf(text)) {
      if (name.startsWith('.')) visit(join(dirname(path), name));
      else packages.add(name.startsWith('@') ? name.split('/', 2).join('/') : (name.split('/', 1)[0] as string));
    }
  };
  visit(entry);
  return { code: [...texts.values()].join('\n'), packages: [...packages].sort() };
}
