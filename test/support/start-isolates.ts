import { fileURLToPath } from 'node:url';
import { readD1Migrations } from '@cloudflare/vitest-plugin';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Isolates of one worker that run beside each other. */
export interface Isolates {
  /** Where each of them listens. */
  readonly urls: readonly URL[];
  /** The database that they share. */
  readonly db: Awaited<ReturnType<Miniflare['getD1Database']>>;
  dispose(): Promise<void>;
}

/**
 * Starts a worker several times in one workerd, each in an isolate of its own with its own memory, over one D1 that has the
 * tables of `migrations/`, as the binding `DB`.
 *
 * @param entry the module, from the root of the repository.
 */
export async function startIsolates(
  entry: string,
  count: number,
  bindings: Readonly<Record<string, string>>,
): Promise<Isolates> {
  const contents = await bundled(entry);
  const names = Array.from({ length: count }, (_, n) => `isolate-${n}`);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      workers: names.map((name) => ({
        name,
        modules: [{ type: 'ESModule', path: 'worker.js', contents }],
        compatibilityDate: '2026-11-01',
        d1Databases: { DB: 'shared' },
        bindings,
        unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
      })),
    }),
  );
  await miniflare.ready;
  const db = await miniflare.getD1Database('DB', names[0]);
  for (const { queries } of await readD1Migrations(`${root}migrations`)) {
    for (const query of queries) await db.prepare(query).run();
  }
  const urls = await Promise.all(names.map((name) => miniflare.unsafeGetDirectURL(name)));
  return { urls, db, dispose: () => miniflare.dispose() };
}

/** The worker as one module. */
async function bundled(entry: string): Promise<string> {
  const lib = { entry: `${root}${entry}`, formats: ['es' as const] };
  const outputs = await build({ configFile: false, root, logLevel: 'silent', build: { write: false, lib } });
  const [module] = Array.isArray(outputs) ? (outputs[0]?.output ?? []) : [];
  if (module?.type !== 'chunk') throw new Error('the worker was not bundled');
  return module.code;
}
