import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTraces } from '../support/find-traces.ts';
import { accessibilityFaults } from './accessibility-faults.ts';
import { type DemoCard, demoCard, settled } from './demo-card.ts';
import { type KeyPanel, keyPanel } from './key-panel.ts';
import { type RunningDemo, startDemo } from './running-demo.ts';
import { shownTexts } from './shown-texts.ts';
import { storedByOrigin } from './stored-by-origin.ts';
import { tooWide } from './too-wide.ts';

describe('a page whose key is held by a passphrase', () => {
  const passphrase = `sentinel-first-${crypto.randomUUID()}`;
  const next = `sentinel-next-${crypto.randomUUID()}`;
  const said: string[] = [];
  let demo: RunningDemo;
  let page: Page;
  let card: DemoCard;
  let key: KeyPanel;

  beforeAll(async () => {
    demo = await startDemo('d1');
    demo.context.on('console', (message) => said.push(message.text()));
    page = demo.page;
    card = demoCard(page, 'page');
    key = keyPanel(page);
    await page.clock.install();
    await page.goto(demo.stack.address);
    await settled(page);
  });
  afterAll(() => demo?.close());

  test('has the passphrase typed twice, and says at the field when the two differ', async () => {
    await key.press('Choose: Passphrase');
    await key.type('New passphrase', passphrase);
    await key.type('The same again', `${passphrase}x`);
    await page.keyboard.press('Enter');
    await key.dialog.getByRole('alert').filter({ hasText: 'The two passphrases differ.' }).waitFor();
    const again = key.panel.getByLabel('The same again');
    expect(await again.evaluate((input) => input.matches(':focus'))).toBe(true);
    expect(await again.getAttribute('aria-invalid')).toBe('true');
    expect(await accessibilityFaults(key.panel)).toEqual([]);
    await page.keyboard.press('Escape');
    await key.dialog.waitFor({ state: 'detached' });
    expect(await focusedName(page)).toBe('Choose: Passphrase');
  });

  test('has the sign-in that was under way finished once it is unlocked after the redirect', async () => {
    await key.choosePassphrase(passphrase);
    await card.signIn('alice');
    await card.shows('The server has let you in. Unlock the key, and the sign-in is finished.');
    expect(demo.stack.authorizationServer.counts.exchanges).toBe(0);
    await key.unlock(passphrase);
    await card.shows('signed in as alice');
    expect(new URL(page.url()).search).toBe('');
    expect(demo.stack.authorizationServer.counts).toMatchObject({ exchanges: 1, refusals: 0 });
  });

  test('is locked after a reload, shows nothing that is sealed, and refuses a wrong passphrase at the field', async () => {
    await page.reload();
    await settled(page);
    await card.shows('E_LOCKED');
    expect(await card.card.getByRole('button', { name: 'Call the API' }).count()).toBe(0);
    expect((await shownTexts(page)).join('\n')).not.toContain('alice');
    await key.type('Passphrase', 'not the one');
    await page.keyboard.press('Enter');
    await key.shows('This is not the right one. Try again.');
    expect(await key.panel.getByLabel('Passphrase', { exact: true }).evaluate((input) => input.matches(':focus'))).toBe(
      true,
    );
    expect(await accessibilityFaults(key.panel)).toEqual([]);
    await key.unlock(passphrase);
    await card.press('Call the API');
    await card.shows('The API answered 200.');
  });

  test('locks in all tabs at once, and each is unlocked by itself', async () => {
    const second = await demo.context.newPage();
    await second.goto(demo.stack.address);
    await settled(second);
    const other = keyPanel(second);
    await other.unlock(passphrase);
    await demoCard(second, 'page').shows('signed in as alice');
    await key.press('Lock');
    await Promise.all([key.shows('Locked, in all tabs.'), other.shows('Locked, in all tabs.')]);
    await demoCard(second, 'page').shows('E_LOCKED');
    expect(await card.card.getByText('signed in as').count()).toBe(0);
    await second.close();
    await page.bringToFront();
    expect(await page.locator('unlock-form input:focus').count()).toBe(1);
    await page.keyboard.type(passphrase);
    await page.keyboard.press('Enter');
    await key.shows('unlocked · held by');
    expect(await focusedName(page)).toBe('The key');
  });

  test('locks by itself when nobody is there, counts down to it, and says so shortly before', async () => {
    await key.panel.getByLabel('Lock by itself').selectOption('after 1 minute');
    await key.shows(/locks in (1:00|0:5\d)/);
    await page.clock.fastForward(50_000);
    await key.panel.getByRole('status').filter({ hasText: 'The key locks in a few seconds' }).waitFor();
    await page.keyboard.press('Shift');
    await key.shows(/locks in (1:00|0:5\d)/);
    await page.clock.fastForward(61_000);
    await key.shows('Locked by itself, in all tabs: nobody was there.');
    await key.unlock(passphrase);
    await key.panel.getByLabel('Lock by itself').selectOption('never');
    await expect.poll(() => key.panel.getByRole('timer').count()).toBe(0);
  });

  test('takes another passphrase for the present one, and forgets that', async () => {
    await key.unfold('Ways to unlock');
    await key.press('Change the passphrase');
    await key.type('Present passphrase', 'not the one');
    await key.type('New passphrase', next);
    await key.type('The same again', next);
    await key.press('Change');
    await key.dialog.getByText('This is not the right one.').waitFor();
    await key.type('Present passphrase', passphrase);
    await key.press('Change');
    await key.shows('The passphrase was changed. No record was touched.');
    await key.press('Lock');
    await key.type('Passphrase', passphrase);
    await key.press('Unlock');
    await key.shows('This is not the right one.');
    await key.unlock(next);
    await card.shows('signed in as alice');
  });

  test('changes the keys as well if it is asked to, and rotating then seals the token anew', async () => {
    await key.unfold('Keys and rotation');
    const before = await key.keyIds();
    expect(before).toHaveLength(1);
    await key.unfold('Ways to unlock');
    await key.press('Change the passphrase');
    await key.type('Present passphrase', next);
    await key.type('New passphrase', passphrase);
    await key.type('The same again', passphrase);
    await key.panel.getByLabel('Make a new key as well').check();
    await key.press('Change');
    await key.shows('a new key seals from now on');
    await expect.poll(() => key.keyIds()).toHaveLength(2);
    await key.press('Finish rotating');
    await key.shows(`Done. Removed: key ${before[0]}.`);
    expect(await key.keyIds()).not.toContain(before[0]);
    await card.shows('signed in as alice');
  });

  test('can be used with the keyboard alone: dialogs keep it, give it back, and end with Escape', async () => {
    const tabTo = async (name: string, steps: number): Promise<void> => {
      const passed: string[] = [];
      while (passed.at(-1) !== name && passed.length < steps) {
        await page.keyboard.press('Tab');
        passed.push(await focusedName(page));
      }
      expect(passed.at(-1)).toBe(name);
    };
    await key.press('Lock');
    await key.unlock(passphrase);
    await tabTo('Lock', 1);
    await tabTo('Ways to unlock (1)', 2);
    await page.keyboard.press('Enter');
    await tabTo('Change the passphrase', 1);
    await page.keyboard.press('Enter');
    await key.panel.getByRole('dialog').waitFor();
    const inDialog = await walked(page, 8);
    expect(inDialog).toContain('Cancel');
    expect(inDialog).not.toContain('Lock');
    await page.keyboard.press('Escape');
    await expect.poll(() => focusedName(page)).toBe('Change the passphrase');
    await tabTo('Keys and rotation (1)', 6);
    await page.keyboard.press('Enter');
    await tabTo('Rotate', 1);
    await tabTo('Forget this device …', 2);
    await page.keyboard.press('Enter');
    await key.panel.getByRole('dialog').waitFor();
    expect(await focusedName(page)).toBe('Cancel');
    await page.keyboard.press('Enter');
    await expect.poll(() => focusedName(page)).toBe('Forget this device …');
  });

  test('shows all that on a phone of 360 pixels, in light and dark, with contrast, names and roles', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await tooWide(page)).toEqual([]);
      expect(await accessibilityFaults(key.panel)).toEqual([]);
      await key.press('Change the passphrase');
      expect(await accessibilityFaults(key.panel)).toEqual([]);
      expect(await tooWide(page)).toEqual([]);
      await page.keyboard.press('Escape');
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  test('keeps the passphrase out of attributes, address, storage and console', async () => {
    const secrets = [passphrase, next];
    const texts = [...(await shownTexts(page)), ...said].join('\n');
    expect(texts).toContain('signed in as');
    expect(findTraces(new TextEncoder().encode(texts), secrets)).toEqual([]);
    expect(findTraces(await storedByOrigin(page), secrets)).toEqual([]);
  });

  test('gives the browser nothing to complain about', () => {
    expect(demo.complaints).toEqual([]);
  });
});

/** The name of what has the focus. */
function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
  });
}

/** The names of what Tab reaches, one after the other. */
async function walked(page: Page, steps: number): Promise<readonly string[]> {
  const names: string[] = [];
  for (let i = 0; i < steps; i++) {
    await page.keyboard.press('Tab');
    names.push(await focusedName(page));
  }
  return names;
}
