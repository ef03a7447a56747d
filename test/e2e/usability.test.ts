import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoCard, demoCard, settled } from './demo-card.ts';
import { type RunningDemo, startDemo } from './running-demo.ts';
import { tooWide } from './too-wide.ts';

describe('the page', () => {
  let demo: RunningDemo;
  let page: Page;
  let card: DemoCard;

  beforeAll(async () => {
    // A host name that is not a secure context, on this machine.
    const rules = 'MAP insecure.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1';
    demo = await startDemo('d1', [`--host-resolver-rules=${rules}`]);
    page = demo.page;
    card = demoCard(page, 'page');
  });
  afterAll(() => demo?.close());

  test('can be used with Tab and Enter alone, from signing in to signing out', async () => {
    await page.goto(demo.stack.address);
    await settled(page);
    const reach = async (name: string): Promise<void> => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab');
        if ((await focused(page)) === `page: ${name}`) return;
      }
      throw new Error(`Tab does not reach “${name}”`);
    };
    await reach('Sign in');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/interaction\//);
    await page.keyboard.type('alice');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${demo.stack.address}/`);
    await settled(page);
    await card.shows('signed in as alice');
    await reach('Call the API');
    await page.keyboard.press('Enter');
    await card.shows('The API answered 200.');
    await settled(page);
    await reach('Sign out');
    await page.keyboard.press('Enter');
    await card.shows('signed out');
  });

  test('fits a phone of 360 pixels, signed out, signed in and with everything revealed', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(demo.stack.address);
    await settled(page);
    expect(await tooWide(page)).toEqual([]);
    const longName = 'W'.repeat(100);
    await card.signIn(longName);
    await card.press('Call the API');
    expect(await tooWide(page)).toEqual([]);
    await card.card.getByText('The stored record', { exact: true }).click();
    await card.press('Reveal');
    expect(await tooWide(page)).toEqual([]);
    await card.press('Reveal');
  });

  test('reaches the second card of a phone within two screens, and unfolds the record on a wide one', async () => {
    const edge = demoCard(page, 'edge');
    await edge.signIn('alice');
    await edge.press('Call the API');
    expect((await card.card.boundingBox())?.y).toBeLessThan(2 * 740);
    const bytes = card.card.getByRole('group', { name: 'Bytes of the ciphertext' });
    expect(await bytes.isVisible()).toBe(false);
    await page.setViewportSize({ width: 1280, height: 900 });
    await bytes.waitFor();
  });

  test('tells a screen reader how many bytes are sealed, not their digits, and scrolls them with the keyboard', async () => {
    const bytes = card.card.getByRole('group', { name: 'Bytes of the ciphertext' });
    expect(await bytes.innerText()).toMatch(/([0-9a-f]{2} ){500}/);
    const told = await card.card.locator('sealed-bytes').ariaSnapshot();
    expect(told).toMatch(/Bytes of the ciphertext.*: \d{4} bytes in hexadecimal/);
    expect(told).not.toMatch(/([0-9a-f]{2} ){4}/);
    await bytes.focus();
    await page.keyboard.press('End');
    await expect.poll(() => bytes.evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(0);
  });

  test('shows a masked value, and tells it to a screen reader, only while it is held', async () => {
    const field = card.card.getByRole('button', { name: 'accessToken, masked. Hold to show.' });
    const secret = /^accessToken: [\w-]{20,}/;
    await field.focus();
    expect(await card.card.getByRole('button', { name: secret }).count()).toBe(0);
    await page.keyboard.down('Space');
    await card.card.getByRole('button', { name: secret }).waitFor();
    await page.keyboard.up('Space');
    await field.waitFor();
    await field.hover();
    await page.mouse.down();
    await card.card.getByRole('button', { name: secret }).waitFor();
    await page.mouse.up();
    await field.waitFor();
  });

  test('says what is under way and that it failed, and shows no earlier answer below it', async () => {
    const api = `${demo.stack.api.url}/me`;
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await card.press('Call the API');
    const answer = card.card.getByLabel('The answer');
    await answer.waitFor();
    await page.route(api, async (route) => {
      await held;
      await route.abort();
    });
    await card.card.getByRole('button', { name: 'Call the API' }).click();
    await card.card.getByRole('status').filter({ hasText: 'Calling the API' }).waitFor();
    expect(await card.card.getByRole('button', { name: 'Sign out' }).isDisabled()).toBe(true);
    release();
    await card.card.getByRole('log').locator('.failed').waitFor();
    await settled(page);
    expect(await answer.count()).toBe(0);
    await page.unroute(api);
    expect(demo.complaints.splice(0)).toEqual([expect.stringContaining('ERR_FAILED')]);
  });

  test('stands still for whoever asks for reduced motion', async () => {
    const animation = (): Promise<string> =>
      page.evaluate(() => {
        const card = document.querySelector('flow-card');
        const log = card?.shadowRoot?.querySelector('event-log');
        const spinner = document.createElement('span');
        spinner.className = 'spinner';
        log?.shadowRoot?.append(spinner);
        const { animationDuration } = getComputedStyle(spinner);
        spinner.remove();
        return animationDuration;
      });
    expect(await animation()).toBe('0.8s');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await animation()).toBe('0s');
  });

  test('gives the browser nothing to complain about, its content security policy included', async () => {
    const response = await page.goto(demo.stack.address);
    await settled(page);
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(demo.complaints).toEqual([]);
  });

  test('says what to do where the browser has no Web Crypto', async () => {
    const insecure = new URL(demo.stack.address);
    insecure.hostname = 'insecure.example';
    await page.goto(insecure.href);
    const notice = page.getByRole('alert');
    await notice.waitFor();
    expect(await notice.innerText()).toMatch(/^E_UNSUPPORTED: .*https/);
  });
});

/** The focused button, as `card: name`. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    let element = document.activeElement;
    const card = element?.id ?? '';
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return `${card}: ${element?.textContent?.trim() ?? ''}`;
  });
}
