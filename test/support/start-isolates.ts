import { fileURLToPath } from 'node:url';
import { readD1Migrations } from '@cloudflare/vitest-plugin';
import { convertV4MiniflareOptions, Miniflare, Response } from 'miniflare';
import { bundledModule } from './bundled-module.ts';

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
 * @param files what the binding `ASSETS` serves, by their paths.
 */
export async function startIsolates(
  entry: string,
  count: number,
  bindings: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Promise<Isolates> {
  const contents = await bundledModule(entry);
  const ASSETS = ({ url }: { readonly url: string }): Response => {
    const file = files[new URL(url).pathname];
    const type = url.endsWith('.js') ? 'text/javascript' : 'text/html';
    return new Response(file ?? null, { status: file === undefined ? 404 : 200, headers: { 'Content-Type': type } });
  };
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
        serviceBindings: { ASSETS },
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
