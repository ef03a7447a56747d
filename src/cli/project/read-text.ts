import { readFileSync, statSync } from 'node:fs';

/** More than any settings file or module is long, in bytes: a larger one is taken for something else. */
const longest = 4 * 2 ** 20;

/**
 * The text of a file.
 *
 * @returns `undefined` when there is none, and `'unreadable'` when what is there is no text file that may be read.
 */
export function readText(path: string): { readonly text: string } | 'unreadable' | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isFile() || found.size > longest) return 'unreadable';
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path)) };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? undefined : 'unreadable';
  }
}
