import { dirname, join } from 'node:path';
import { readText } from './read-text.ts';
import { tableOf } from './table.ts';

/** Where a package is installed for a project: in this folder or, as Node looks for it, in one above. */
export function packageFolder(folder: string, name: string): string | undefined {
  for (let place = folder; ; place = dirname(place)) {
    const path = join(place, 'node_modules', name);
    if (readText(join(path, 'package.json')) !== undefined) return path;
    if (dirname(place) === place) return undefined;
  }
}

/** The version of a package that is installed for a project, such as `4.13.19`. */
export function installedVersion(folder: string, name: string): string | undefined {
  const path = packageFolder(folder, name);
  const read = path === undefined ? undefined : readText(join(path, 'package.json'));
  try {
    const { version } = tableOf(typeof read === 'object' ? JSON.parse(read.text) : undefined);
    return typeof version === 'string' && /^\d+\.\d+\.\d+/.test(version) ? version : undefined;
  } catch {
    return undefined;
  }
}
