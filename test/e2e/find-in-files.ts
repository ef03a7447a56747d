import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findTraces } from '../support/find-traces.ts';

/** Where any of the texts lies, in any encoding, in the files below a folder. */
export async function findInFiles(folder: string, texts: readonly string[]): Promise<readonly string[]> {
  const traces: string[] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    // A file that a running program has just removed holds nothing any more.
    if (!(await stat(path).catch(() => undefined))?.isFile()) continue;
    const found = findTraces(await readFile(path), texts);
    traces.push(...found.map((trace) => `${name}: ${trace}`));
  }
  return traces;
}
