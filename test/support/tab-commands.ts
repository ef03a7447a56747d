import type { BrowserContext, Page } from 'playwright';
import type { BrowserCommand, BrowserCommandContext } from 'vitest/node';
import type { WebDriverSession } from './webdriver-session.ts';

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Opens a second tab of the same profile, whose `lib` is what the module exports; resolves with the tab's id. */
    newTab(modulePath: string): Promise<string>;
    /** Runs the body of an async function in the tab, where `lib` is the module; resolves with what it returns. */
    evaluateInTab(tab: string, body: string): Promise<any>;
    reloadTab(tab: string): Promise<void>;
    /** Closes the tab as a user would: nothing in it gets to say goodbye. */
    closeTab(tab: string): Promise<void>;
  }
}

/** The two kinds of browser: those driven by Playwright, and WebKit with its WebDriver session. */
type Context = BrowserCommandContext & { context?: BrowserContext; webdriver?: Promise<WebDriverSession> };

const pages = new Map<string, Page>();
let opened = 0;

const newTab: BrowserCommand<[string]> = async (command: Context, modulePath) => {
  const origin = command.project.browser?.vite.resolvedUrls?.local[0];
  if (origin === undefined) throw new Error('The browser project has no server');
  const url = new URL(`test/support/tab.html?module=${encodeURIComponent(modulePath)}`, origin).href;
  const session = await command.webdriver;
  if (session) return session.newTab(url);
  const page = await (command.context as BrowserContext).newPage();
  await page.goto(url);
  const tab = `tab-${++opened}`;
  pages.set(tab, page);
  return tab;
};

const evaluateInTab: BrowserCommand<[string, string]> = async (command: Context, tab, body) => {
  // A driver may report a page as loaded before its modules have run.
  const code = `const lib = await new Promise((resolve, reject) => {
      const look = () => window.failure ? reject(window.failure) : window.lib ? resolve(window.lib) : setTimeout(look, 10);
      look();
    });
    ${body}`;
  const session = await command.webdriver;
  return session ? session.evaluate(tab, code) : pageOf(tab).evaluate(`(async () => { ${code} })()`);
};

const reloadTab: BrowserCommand<[string]> = async (command: Context, tab) => {
  const session = await command.webdriver;
  await (session ? session.reload(tab) : pageOf(tab).reload());
};

const closeTab: BrowserCommand<[string]> = async (command: Context, tab) => {
  const session = await command.webdriver;
  await (session ? session.closeTab(tab) : pageOf(tab).close());
  pages.delete(tab);
};

function pageOf(tab: string): Page {
  const page = pages.get(tab);
  if (!page) throw new Error(`There is no tab ${tab}`);
  return page;
}

/** Browser commands for tests that need a second tab: `import { commands } from 'vitest/browser'`. */
export const tabCommands = { newTab, evaluateInTab, reloadTab, closeTab };
