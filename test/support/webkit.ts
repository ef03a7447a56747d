import { defineBrowserProvider } from '@vitest/browser';
import type { BrowserProvider, BrowserProviderOption, TestProject } from 'vitest/node';
import { startWebKitDriver, type WebKitDriver } from './start-webkit-driver.ts';
import { WebDriverSession } from './webdriver-session.ts';

/**
 * A vitest browser provider for WebKitGTK, the WebKit that a Linux distribution packages. All instances of one vitest
 * project share a provider, so WebKit is a project of its own.
 */
export function webkit(): BrowserProviderOption {
  return defineBrowserProvider({
    name: 'webkitgtk',
    supportedBrowser: ['webkit'],
    options: {},
    providerFactory: (project) => new WebKitProvider(project),
  });
}

class WebKitProvider implements BrowserProvider {
  readonly name = 'webkitgtk';
  readonly supportsParallelism = false;
  readonly initScripts: string[] = [];
  #driver: WebKitDriver | undefined;
  #session: Promise<WebDriverSession> | undefined;

  constructor(project: TestProject) {
    // vitest's page asks for this one before the first test; no test depends on the size of the window.
    const server = project.browser as unknown as { registerCommand(name: string, command: () => void): void };
    server.registerCommand('__vitest_viewport', () => {});
  }

  async openPage(_sessionId: string, url: string): Promise<void> {
    this.#session ??= this.#open();
    await (await this.#session).navigate(url);
  }

  /** Gives the commands of `tab-commands.ts` the session whose tabs they drive. */
  getCommandsContext(): Record<string, unknown> {
    return { webdriver: this.#session };
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    await session?.close().catch(() => undefined);
    this.#driver?.stop();
    this.#driver = undefined;
  }

  async #open(): Promise<WebDriverSession> {
    this.#driver = await startWebKitDriver();
    return await WebDriverSession.open({
      url: this.#driver.url,
      capabilities: {
        browserName: 'MiniBrowser',
        'webkitgtk:browserOptions': { binary: this.#driver.browser, args: ['--automation'] },
      },
    });
  }
}
