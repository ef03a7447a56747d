import { fileURLToPath } from 'node:url';
import { readD1Migrations } from '@cloudflare/vitest-plugin';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';

/** A D1 database for code that runs in Node. */
export interface D1InNode {
  /** With the tables of `migrations/`. */
  readonly db: Awaited<ReturnType<Miniflare['getD1Database']>>;
  dispose(): Promise<void>;
}

/** Starts workerd with a D1 and a worker that does nothing. */
export async function d1InNode(): Promise<D1InNode> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      modules: true,
      script: 'export default {}',
      compatibilityDate: '2026-11-01',
      d1Databases: { DB: 'records' },
    }),
  );
  const db = await miniflare.getD1Database('DB');
  for (const { queries } of await readD1Migrations(fileURLToPath(new URL('../../migrations', import.meta.url)))) {
    for (const query of queries) await db.prepare(query).run();
  }
  return { db, dispose: () => miniflare.dispose() };
}
