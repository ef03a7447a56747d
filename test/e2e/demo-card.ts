import type { Locator, Page } from 'playwright';

/** One of the two cards of the page, as a user handles it. */
export interface DemoCard {
  readonly card: Locator;
  /** Presses the button and waits until the card is done. */
  press(name: string): Promise<void>;
  /** Signs in at the authorization server and comes back. A name is asked for where the server does not know it yet. */
  signIn(name: string): Promise<void>;
  /** Waits until the card shows this text. */
  shows(text: string): Promise<void>;
}

/** The card with this id. */
export function demoCard(page: Page, id: 'edge' | 'page'): DemoCard {
  const card = page.locator(`flow-card#${id}`);
  return {
    card,
    async press(name) {
      await card.getByRole('button', { name, exact: true }).click();
      await settled(page);
    },
    async signIn(name) {
      const home = new URL(page.url()).origin;
      await card.getByRole('button', { name: /^Sign in/ }).click();
      await page.waitForURL(/\/interaction\//);
      const field = page.getByLabel('Your name');
      if (await field.isVisible()) await field.fill(name);
      await page.getByRole('button', { name: /[Aa]llow$/ }).click();
      await page.waitForURL((url) => url.origin === home && !url.pathname.startsWith('/auth/'));
      await settled(page);
    },
    shows: (text) => card.getByText(text).last().waitFor(),
  };
}

/** Waits until no card of the page is busy. */
export async function settled(page: Page): Promise<void> {
  await page.locator('flow-card section[aria-busy="false"]').nth(1).waitFor();
}
