import type { TestProjectInlineConfiguration } from 'vitest/config';
import type { BrowserProviderOption } from 'vitest/node';
import { loginCommands } from './login-commands.ts';
import { tabCommands } from './tab-commands.ts';
import { wycheproof } from './wycheproof.ts';

/** A vitest project that runs the shared tests in one browser engine. */
export function browserProject(
  name: 'chromium' | 'firefox' | 'webkit',
  provider: BrowserProviderOption,
  furtherTests: readonly string[] = [],
): TestProjectInlineConfiguration {
  return {
    plugins: [wycheproof()],
    // Vite would discover these in the middle of the run, and reload the page.
    optimizeDeps: { include: ['idb', 'fast-check'] },
    test: {
      name,
      include: ['test/unit/**/*.test.ts', 'test/browser/**/*.test.ts', ...furtherTests],
      testTimeout: 30_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        commands: { ...tabCommands, ...loginCommands },
        provider,
        instances: [{ browser: name, name }],
      },
    },
  };
}
