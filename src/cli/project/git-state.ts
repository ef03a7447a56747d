import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readText } from './read-text.ts';

/** What git does with a file: it keeps it out, keeps it in its history, or would with the next `git add`. */
export type GitState = 'ignored' | 'committed' | 'unguarded';

/**
 * Asks git about a file, which need not exist. Where there is no git or no repository, what counts is whether `.gitignore` of
 * the folder names it.
 */
export function gitStateOf(folder: string, name: string): GitState {
  if (git(folder, 'ls-files', '--error-unmatch', '--', name) === 0) return 'committed';
  const answer = git(folder, 'check-ignore', '--quiet', '--', name);
  if (answer === 0) return 'ignored';
  if (answer === 1) return 'unguarded';
  const read = readText(join(folder, '.gitignore'));
  const lines = typeof read === 'object' ? read.text.split(/\r?\n/).map((line) => line.trim().replace(/^\//, '')) : [];
  const covers = (line: string): boolean =>
    line === name || (/^\.(dev\.vars|env)\*$/.test(line) && name.startsWith(line.slice(0, -1)));
  return lines.some(covers) ? 'ignored' : 'unguarded';
}

function git(cwd: string, ...args: readonly string[]): number | null {
  return spawnSync('git', args, { cwd, stdio: 'ignore', timeout: 5_000 }).status;
}
