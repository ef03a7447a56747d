import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumLaunchOptions } from '../test/support/chromium-launch-options.ts';
import { figuresReporter } from './support/figures-reporter.ts';

const timeouts = { testTimeout: 120_000, sequence: { concurrent: false } };

export default defineConfig({
  test: {
    reporters: [figuresReporter],
    fileParallelism: false,
    projects: [
      { test: { name: 'node', include: ['bench/node/*.bench.ts'], sequence: { groupOrder: 0 }, testTimeout: 120_000 } },
      {
        optimizeDeps: { include: ['idb'] },
        test: {
          ...timeouts,
          name: 'chromium',
          include: ['bench/chromium/*.bench.ts'],
          sequence: { groupOrder: 1 },
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({ launchOptions: chromiumLaunchOptions }),
            instances: [{ browser: 'chromium', name: 'chromium' }],
          },
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { bindings: { TEST_MIGRATIONS: await readD1Migrations('./migrations') } },
          })),
        ],
        test: {
          ...timeouts,
          name: 'workerd',
          include: ['bench/workerd/*.bench.ts'],
          setupFiles: ['./test/workerd/apply-migrations.ts'],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
