import { type BrowserContext, chromium, firefox, type Page } from 'playwright';
import { chromiumLaunchOptions } from '../support/chromium-launch-options.ts';
import { firefoxLaunchOptions } from '../support/firefox-launch-options.ts';
import { laptopAuthenticator } from '../support/laptop-authenticator.ts';
import type { ProfileGlobal, ProfilePage } from './profile-page.ts';

export type BrowserName = 'chromium' | 'firefox';

/** A browser with a profile of its own, showing the page of `profile-page.ts`. */
export interface ProfileBrowser extends ProfilePage {
  readonly context: BrowserContext;
  /** Signs in at the worker. */
  signIn(): Promise<void>;
  /** Plugs in an authenticator that Chromium makes up. It has no passkeys. */
  plugIn(): Promise<void>;
  /** Ends the browser, once it has written what it writes. */
  close(): Promise<void>;
}

/** Starts a browser over the profile in a folder. */
export async function openProfile(name: BrowserName, folder: string, origin: string): Promise<ProfileBrowser> {
  const context =
    name === 'chromium'
      ? await chromium.launchPersistentContext(folder, chromiumLaunchOptions)
      : await firefox.launchPersistentContext(folder, firefoxLaunchOptions);
  const page = context.pages()[0] ?? (await context.newPage());
  const visit = async (path: string): Promise<void> => {
    await page.goto(`${origin}${path}`);
    await page.waitForFunction(() => 'profilePage' in globalThis);
  };
  await visit('/');
  return {
    context,
    signIn: () => visit('/auth/login'),
    plugIn: () => plugInto(page),
    plant: (text) => page.evaluate((t) => (globalThis as unknown as ProfileGlobal).profilePage.plant(t), text),
    make: (...args) => page.evaluate((a) => (globalThis as unknown as ProfileGlobal).profilePage.make(...a), args),
    attempt: (...args) =>
      page.evaluate((a) => (globalThis as unknown as ProfileGlobal).profilePage.attempt(...a), args),
    half: (isNew = false) => page.evaluate((n) => (globalThis as unknown as ProfileGlobal).profilePage.half(n), isNew),
    close: () => context.close(),
  };
}

async function plugInto(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', { options: laptopAuthenticator });
}
