import { dirname, join, relative, resolve } from 'node:path';
import type { Project } from '../project/project.ts';
import { readText } from '../project/read-text.ts';
import { byHand, changing, nothing, type Part } from './change.ts';
import { mountInApp, mountLines } from './mount-in-app.ts';
import { workerModule } from './worker-module.ts';

/** What other programs write, and overwrite. */
const built = /^(dist|build|out|\.[^/\\]*)[/\\]/;

const exported = /\btokenkeepRoutes\b[\s\S]*\btokenkeepScheduled\b/;

/** The module of tokenkeep beside the worker's own, and the lines that lead to it. */
export function planApp({ folder, settings: { main } }: Project): Part {
  const path = relative(
    folder,
    resolve(folder, typeof main === 'string' && !main.includes('\0') ? main : 'src/index.ts'),
  );
  const read = built.test(path) ? undefined : readText(join(folder, path));
  const text = typeof read === 'object' ? read.text : undefined;
  if (text !== undefined && /['"]tokenkeep\/hono['"]/.test(text)) return nothing;
  const module = planModule(folder, text === undefined ? 'src' : dirname(path));
  if (text !== undefined && /\btokenkeepRoutes\b/.test(text)) return module;
  const extension = importExtension(folder);
  const mounted = text === undefined || module.remarks.length > 0 ? undefined : mountInApp(text, extension);
  const shown = mountLines(text ?? '', 'app', extension);
  const mount =
    mounted === undefined
      ? byHand(path, 'it is not plain where these lines go; add them to your app', Object.values(shown))
      : changing(path, text, mounted);
  return { changes: [...module.changes, ...mount.changes], remarks: [...module.remarks, ...mount.remarks] };
}

function planModule(folder: string, beside: string): Part {
  const path = join(beside, 'tokenkeep.ts');
  const read = readText(join(folder, path));
  if (read === undefined) return changing(path, undefined, workerModule());
  // its owner may have changed it
  if (typeof read === 'object' && exported.test(read.text)) return nothing;
  return byHand(path, 'there is another file of that name, and it was left alone; rename it, and run this again');
}

/** What a relative import ends in, as the settings of TypeScript want it. */
function importExtension(folder: string): string {
  const read = readText(join(folder, 'tsconfig.json'));
  const text = typeof read === 'object' ? read.text : '';
  if (/"allowImportingTsExtensions"\s*:\s*true/.test(text)) return '.ts';
  return /"module(Resolution)?"\s*:\s*"node(16|18|20|next)"/i.test(text) ? '.js' : '';
}
