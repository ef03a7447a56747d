import { configDefaults, defineConfig } from 'vitest/config';

/** The tests that Stryker runs against each altered piece of code: those of its four folders, in Node, without a process. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/unit/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      // about other folders
      'test/unit/{base64url,bytes,claim,find-traces,hex,hono-*,kv-*,list-*,memory-backend,memory-indexed-rows,oauth-*,record-*-contract}.test.ts',
      'test/unit/{stale-kv,zoho-*}.test.ts',
      // about Web Crypto itself, with vectors that stand beside the checkout
      'test/unit/wycheproof.test.ts',
    ],
    testTimeout: 30_000,
  },
});
