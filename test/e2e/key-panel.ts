import type { Locator, Page } from 'playwright';

/** The panel of the page's key, as a user handles it. */
export interface KeyPanel {
  readonly panel: Locator;
  /** The dialog that is open. */
  readonly dialog: Locator;
  press(name: string): Promise<void>;
  /** Types into a field with exactly this label. */
  type(label: string, text: string): Promise<void>;
  /** Waits until the panel shows this text. */
  shows(text: string | RegExp): Promise<void>;
  unfold(title: 'Ways to unlock' | 'Keys and rotation'): Promise<void>;
  /** Makes the key with a passphrase. */
  choosePassphrase(passphrase: string): Promise<void>;
  /** Types the passphrase, and waits until the key is unlocked. */
  unlock(passphrase: string): Promise<void>;
  /** Adds a way, confirmed by the passphrase. */
  add(way: string, passphrase: string): Promise<void>;
  /** The ids of the keys. */
  keyIds(): Promise<readonly string[]>;
}

/** The panel in a page. */
export function keyPanel(page: Page): KeyPanel {
  const panel = page.locator('key-panel');
  const dialog = panel.locator('modal-dialog');
  const field = (label: string): Locator => panel.getByLabel(label, { exact: true });
  const self: KeyPanel = {
    panel,
    dialog,
    press: (name) => panel.getByRole('button', { name, exact: true }).click(),
    type: (label, text) => field(label).fill(text),
    shows: (text) => panel.getByText(text).first().waitFor(),
    unfold: (title) => panel.getByText(title).click(),
    async choosePassphrase(passphrase) {
      await self.press('Choose: Passphrase');
      await self.type('New passphrase', passphrase);
      await self.type('The same again', passphrase);
      await self.press('Set');
      await self.shows('held by: passphrase');
    },
    async unlock(passphrase) {
      await self.type('Passphrase', passphrase);
      await self.press('Unlock');
      await self.shows('unlocked · held by');
    },
    async add(way, passphrase) {
      await self.press(`Add: ${way}`);
      await self.type('Present passphrase', passphrase);
      await self.press(way === 'Recovery code' ? 'Make a code' : 'Add');
    },
    async keyIds() {
      const items = await panel.getByRole('list', { name: 'Keys' }).getByRole('listitem').allInnerTexts();
      return items.map((text) => text.slice(0, 8));
    },
  };
  return self;
}
