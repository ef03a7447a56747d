import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { browserProject } from './test/support/browser-project.ts';
import { chromiumLaunchOptions } from './test/support/chromium-launch-options.ts';
import { firefoxLaunchOptions } from './test/support/firefox-launch-options.ts';
import { webkit } from './test/support/webkit.ts';
import { wycheproof } from './test/support/wycheproof.ts';

export default defineConfig({
  test: {
    // Most of the files wait for a process, a browser or a clock: two at once, also where vitest would keep a core free.
    maxWorkers: 2,
    projects: [
      {
        plugins: [wycheproof()],
        test: {
          name: 'node',
          environment: 'node',
          include: ['test/unit/**/*.test.ts', 'test/node/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        plugins: [
          wycheproof(),
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations('./migrations'),
                // The tests see no secret, whatever the .dev.vars of this machine says.
                TOKENKEEP_KEYRING: '',
                OAUTH_CLIENT_SECRET: '',
              },
            },
          })),
        ],
        test: {
          name: 'workerd',
          include: ['test/unit/**/*.test.ts', 'test/workerd/**/*.test.ts'],
          setupFiles: ['./test/workerd/apply-migrations.ts'],
          testTimeout: 30_000,
        },
      },
      browserProject('chromium', playwright({ launchOptions: chromiumLaunchOptions }), ['test/chromium/**/*.test.ts']),
      browserProject('firefox', playwright({ launchOptions: firefoxLaunchOptions })),
      browserProject('webkit', webkit()),
      {
        test: {
          name: 'mysql',
          environment: 'node',
          include: ['test/mysql/**/*.test.ts'],
          globalSetup: ['./test/support/mariadb.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Each file starts servers and a browser of its own: one at a time, and not beside the other projects.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
