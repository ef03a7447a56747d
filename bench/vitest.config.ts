import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumLaunchOptions } from '../test/support/chromium-launch-options.ts';
import { loginCommands } from '../test/support/login-commands.ts';
import { tabCommands } from '../test/support/tab-commands.ts';
import { figuresReporter } from './support/figures-reporter.ts';

const timeouts = { testTimeout: 120_000, sequence: { concurrent: false } };
const globalSetup = ['bench/support/loopback-api.ts'];

export default defineConfig({
  test: {
    reporters: [figuresReporter],
    fileParallelism: false,
    projects: [
      {
        test: {
          ...timeouts,
          name: 'node',
          include: ['bench/node/*.bench.ts'],
          globalSetup: [...globalSetup, 'test/support/mariadb.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        optimizeDeps: { include: ['idb', 'oauth4webapi'] },
        test: {
          ...timeouts,
          name: 'chromium',
          include: ['bench/chromium/*.bench.ts'],
          globalSetup,
          sequence: { groupOrder: 1 },
          browser: {
            enabled: true,
            headless: true,
            commands: { ...tabCommands, ...loginCommands },
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
          globalSetup,
          setupFiles: ['./test/workerd/apply-migrations.ts'],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
