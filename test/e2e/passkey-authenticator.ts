import type { Page } from 'playwright';
import { laptopAuthenticator } from '../support/laptop-authenticator.ts';

/** Gives a page an authenticator that Chromium makes up: it has a PRF, verifies its user and is touched at once. */
export async function passkeyAuthenticator(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', { options: laptopAuthenticator });
}
