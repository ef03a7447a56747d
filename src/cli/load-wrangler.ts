import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { D1Like } from '../backends/d1-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/** What is used of wrangler's `getPlatformProxy` (wrangler 4.90 and later). */
export type GetPlatformProxy = (options: {
  readonly configPath: string;
  readonly persist: { readonly path: string };
  readonly envFiles: readonly string[];
  readonly remoteBindings: boolean;
}) => Promise<{ readonly env: { readonly [binding: string]: D1Like }; dispose(): Promise<void> }>;

/**
 * Loads the wrangler that a project has installed.
 *
 * @param folders where to look for it, one after the other; as Node does, also in the folders above.
 * @throws `E_CONFIG` when none has it, or one that is too old.
 */
export async function loadWrangler(...folders: readonly string[]): Promise<GetPlatformProxy> {
  const found = folders.map(pathIn).find((path) => path !== undefined);
  if (found === undefined) {
    throw new TokenkeepError('E_CONFIG', 'wrangler is not installed in the project; run npm install -D wrangler there');
  }
  // it would write to standard output, and a file of what it did
  process.env.WRANGLER_LOG ??= 'none';
  process.env.WRANGLER_WRITE_LOGS ??= 'false';
  const { getPlatformProxy } = (await import(pathToFileURL(found).href)) as { readonly getPlatformProxy?: unknown };
  if (typeof getPlatformProxy !== 'function') {
    throw new TokenkeepError('E_CONFIG', 'the wrangler of the project is too old; update it');
  }
  return getPlatformProxy as GetPlatformProxy;
}

function pathIn(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve('wrangler');
  } catch {
    return undefined;
  }
}
