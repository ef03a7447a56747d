import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTraces } from '../support/find-traces.ts';
import { accessibilityFaults } from './accessibility-faults.ts';
import { type DemoCard, demoCard, settled } from './demo-card.ts';
import { type KeyPanel, keyPanel } from './key-panel.ts';
import { passkeyAuthenticator } from './passkey-authenticator.ts';
import { type RunningDemo, startDemo } from './running-demo.ts';
import { shownTexts } from './shown-texts.ts';
import { storedByOrigin } from './stored-by-origin.ts';

describe('a page whose key is held in several ways', () => {
  const said: string[] = [];
  let demo: RunningDemo;
  let page: Page;
  let card: DemoCard;
  let key: KeyPanel;
  let code = '';

  beforeAll(async () => {
    demo = await startDemo('d1');
    demo.context.on('console', (message) => said.push(message.text()));
    page = demo.page;
    card = demoCard(page, 'page');
    key = keyPanel(page);
    await passkeyAuthenticator(page);
    await page.goto(demo.stack.address);
    await settled(page);
  });
  afterAll(() => demo?.close());

  const reload = async (): Promise<void> => {
    await page.reload();
    await settled(page);
  };

  test('has it held by the device unless the user chooses, in every tab that is open', async () => {
    const other = await demo.context.newPage();
    await other.goto(demo.stack.address);
    await settled(other);
    expect(await accessibilityFaults(key.panel)).toEqual([]);
    await card.signIn('alice');
    await key.shows('held by: this device');
    await keyPanel(other).shows('held by: this device');
    await demoCard(other, 'page').shows('signed in as alice');
    await other.close();
  });

  test('is rotated with progress, and the old key is gone', async () => {
    await key.unfold('Keys and rotation');
    await key.press('Add 200 sample tokens');
    await key.shows('200 tokens that nobody uses are stored');
    const [before] = await key.keyIds();
    const seen = key.panel.getByRole('progressbar').waitFor();
    await key.press('Rotate');
    await seen;
    await key.shows(`Done. Removed: key ${before}.`);
    await key.shows('201 of 201 records sealed anew');
    expect(await key.panel.getByRole('progressbar').evaluate((bar) => (bar as HTMLProgressElement).position)).toBe(1);
    const [after, ...others] = await key.keyIds();
    expect([others, after === before]).toEqual([[], false]);
    expect(await card.card.locator('dl.columns').innerText()).toContain(after);
    await card.press('Call the API');
    await card.shows('The API answered 200.');
  });

  test('takes a recovery code, shows it once, and prints nothing else', async () => {
    await key.unfold('Ways to unlock');
    await key.press('Add: Recovery code');
    await key.press('Make a code');
    const shown = key.panel.getByRole('status', { name: 'Recovery code' });
    code = await shown.innerText();
    expect(code).toMatch(/^(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}$/);
    await page.emulateMedia({ media: 'print' });
    expect((await page.locator('body > *').filter({ visible: true }).allInnerTexts()).join()).toMatch(
      /^Recovery code\s/,
    );
    expect(await page.locator('.sheet').innerText()).toContain(code);
    await page.emulateMedia({ media: 'screen' });
    await demo.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await key.press('Copy');
    await key.shows('Copied.');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
    expect(await accessibilityFaults(key.panel)).toEqual([]);
    await key.press('I have kept it');
    await key.shows('held by: this device and recovery code');
    expect((await shownTexts(page)).join('\n')).not.toContain(code.slice(0, 9));
  });

  test('takes a passkey, says that the device still opens it, and opens by each way once that is removed', async () => {
    await key.press('Add: Passkey');
    await key.type('Name, to tell several apart', 'ring');
    await key.press('Add');
    await key.shows('held by: this device, passkey and recovery code');
    await key.shows('Each way opens the key by itself.');
    await reload();
    await key.shows('unlocked · held by');
    await key.unfold('Ways to unlock');
    await key.press('Remove: This device');
    await key.press('Remove');
    await key.shows('held by: passkey and recovery code');
    await reload();
    await card.shows('E_LOCKED');
    await key.press('Unlock with a passkey');
    await card.shows('signed in as alice');
    await key.press('Lock');
    await key.panel.getByText('Use the recovery code').click();
    await key.type('Recovery code', `${code.slice(0, -1)}?`);
    await key.press('Unlock with the code');
    await key.shows('The recovery code has a typing error');
    expect(await accessibilityFaults(key.panel)).toEqual([]);
    await key.type('Recovery code', code.toLowerCase().replaceAll('-', ' '));
    await key.press('Unlock with the code');
    await card.shows('signed in as alice');
  });

  test('is split with the worker only while the user is signed in there, and opens without asking then', async () => {
    await key.unfold('Ways to unlock');
    await key.press('Add: Split with the worker');
    await key.panel.getByLabel('Confirm with').selectOption('Passkey');
    await key.press('Add');
    await key.dialog.getByText('You are not signed in at the worker.').waitFor();
    await page.keyboard.press('Escape');
    expect(demo.complaints.splice(0)).toEqual([expect.stringContaining('401')]);
    const edge = demoCard(page, 'edge');
    await edge.signIn('alice');
    await key.press('Unlock with a passkey');
    await key.unfold('Ways to unlock');
    await key.press('Add: Split with the worker');
    await key.press('Add');
    await key.shows('held by: passkey, split with the worker and recovery code');
    await reload();
    await card.shows('signed in as alice');
    await edge.press('Sign out');
    await reload();
    await card.shows('E_LOCKED');
    await key.press('Unlock with a passkey');
    await card.shows('signed in as alice');
  });

  test('says what is lost before the device is forgotten, and starts over then', async () => {
    await key.press('Forget this device …');
    const asked = await key.dialog.innerText();
    expect(asked).toContain('This deletes 201 sealed records from this browser');
    expect(asked).toContain('Passkey “ring”, Split with the worker and Recovery code');
    await page.keyboard.press('Escape');
    expect(await key.panel.getByText('unlocked · held by').count()).toBe(1);
    await key.press('Forget this device …');
    await key.press('Delete everything');
    await key.shows('Everything was deleted from this browser.');
    await card.shows('signed out');
    expect(findTraces(await storedByOrigin(page), ['default/tokens'])).toEqual([]);
    demo.complaints.splice(0); // whoever signed out has no half to delete
  });

  test('keeps the code out of attributes, texts, address, storage and console', async () => {
    const texts = [...(await shownTexts(page)), ...said].join('\n');
    expect(findTraces(new TextEncoder().encode(texts), [code])).toEqual([]);
    expect(findTraces(await storedByOrigin(page), [code])).toEqual([]);
  });

  test('says in plain words that the key is lost, and starts over', async () => {
    await card.signIn('alice');
    await page.evaluate(() => void indexedDB.deleteDatabase('tokenkeep-vault'));
    await reload();
    await card.shows('the key is lost');
    await key.shows('sealed records are left that nothing can open any more');
    expect(await accessibilityFaults(key.panel)).toEqual([]);
    await key.press('Start over');
    await key.press('Delete and start over');
    await key.shows('not made yet');
  });

  test('says that the browser has deleted everything, and starts over', async () => {
    await card.signIn('alice');
    await page.evaluate(() => {
      for (const name of ['tokenkeep-vault', 'tokenkeep']) indexedDB.deleteDatabase(name);
    });
    await reload();
    await key.shows('The browser has deleted what this page had stored');
    await key.press('Start over');
    await key.shows('not made yet');
  });

  test('is held by the tab alone on request: gone after a reload, and unknown to another tab', async () => {
    await key.press('Choose: This tab only');
    await key.shows('held by: this tab only');
    await card.signIn('alice');
    await card.shows('the memory of this tab');
    await card.press('Call the API');
    await card.shows('The API answered 200.');
    expect(findTraces(await storedByOrigin(page), ['default/tokens'])).toEqual([]);
    await reload();
    await card.shows('signed out');
    await key.press('Forget this device …');
    await key.press('Delete everything');
    await key.shows('not made yet');
  });

  test('gives the browser nothing to complain about', () => {
    expect(demo.complaints).toEqual([]);
  });
});
