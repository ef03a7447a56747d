/** The bindings of `wrangler.toml`, and what `vitest.config.ts` adds, as `env` of `cloudflare:workers` has them in tests. */
declare namespace Cloudflare {
  interface Env {
    readonly DB: D1Database;
    readonly KV: KVNamespace;
    readonly TEST_MIGRATIONS: import('@cloudflare/vitest-plugin').D1Migration[];
  }
}
