import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients } from '../../scripts/local/clients.ts';
import { findTraces } from '../support/find-traces.ts';
import { type DemoCard, demoCard, settled } from './demo-card.ts';
import { findInFiles } from './find-in-files.ts';
import { type RunningDemo, startDemo } from './running-demo.ts';
import { type SeenSecrets, watchSecrets } from './seen-secrets.ts';
import { storedByOrigin } from './stored-by-origin.ts';

describe('in the page alone, tokens in IndexedDB', () => {
  const user = `sentinel-user-${crypto.randomUUID()}`;
  const planted = `sentinel-planted-${crypto.randomUUID()}`;
  let demo: RunningDemo;
  let card: DemoCard;
  let seen: SeenSecrets;

  beforeAll(async () => {
    demo = await startDemo('d1');
    seen = watchSecrets(demo.context);
    card = demoCard(demo.page, 'page');
    await demo.page.goto(demo.stack.address);
    await settled(demo.page);
  });
  afterAll(() => demo?.close());

  test('a user signs in, and the code is gone from the address', async () => {
    await card.signIn(user);
    await card.shows(`signed in as ${user}`);
    expect(demo.page.url()).toBe(`${demo.stack.address}/`);
    expect(demo.stack.authorizationServer.counts).toMatchObject({ exchanges: 1, refusals: 0 });
  });

  test('is still signed in after a reload', async () => {
    await demo.page.reload();
    await settled(demo.page);
    await card.shows(`signed in as ${user}`);
    expect(demo.stack.authorizationServer.counts.tokenRequests).toBe(1);
  });

  test('calls the API', async () => {
    await card.press('Call the API');
    expect(await card.card.getByLabel('The answer').innerText()).toContain(user);
    expect(demo.stack.api.counts).toEqual({ accepted: 1, refused: 0 });
  });

  test('renews an expired token exactly once, from two tabs at the same time', async () => {
    const second = await demo.context.newPage();
    await second.goto(demo.stack.address);
    await settled(second);
    const other = demoCard(second, 'page');
    await card.press('Expire now');
    await Promise.all([card.press('Call the API'), other.press('Call the API')]);
    const logs = [card, other].map((tab) => tab.card.locator('event-log ol').innerText());
    expect((await Promise.all(logs)).join()).toContain('Renewed: the new access token is sealed and stored.');
    await second.close();
    expect(demo.stack.api.counts).toEqual({ accepted: 3, refused: 0 });
    expect(demo.stack.authorizationServer.counts).toMatchObject({ refreshes: 1, refusals: 0, revokedGrants: 0 });
  });

  test('renews a token that the API refuses before its time', async () => {
    demo.stack.authorizationServer.forgetAccessTokens();
    // A token that was obtained just now is not renewed: the API would refuse the new one as well.
    await demo.page.clock.setSystemTime(Date.now() + 10_000);
    await demo.page.reload();
    await settled(demo.page);
    await card.press('Call the API');
    expect(demo.stack.api.counts).toEqual({ accepted: 4, refused: 1 });
    expect(demo.stack.authorizationServer.counts.refreshes).toBe(2);
    // The browser reports every 401; this one was wanted.
    expect(demo.complaints.splice(0)).toEqual([expect.stringContaining('401')]);
  });

  test('renews on request, and shows it', async () => {
    await card.press('Renew now');
    await card.shows('The new access token is good, until');
    expect(demo.stack.authorizationServer.counts).toMatchObject({ refreshes: 3, refusals: 0 });
  });

  test('calls from all tabs at the press of a button: the server is asked once, and each tab shows what the other did', async () => {
    const opening = demo.context.waitForEvent('page');
    await card.press('Open a second tab');
    const second = await opening;
    await settled(second);
    const other = demoCard(second, 'page');
    await card.press('Expire, and call in all tabs');
    await other.shows('The API answered 200.');
    await settled(second);
    expect(demo.stack.api.counts).toEqual({ accepted: 6, refused: 1 });
    expect(demo.stack.authorizationServer.counts).toMatchObject({ refreshes: 4, refusals: 0, revokedGrants: 0 });
    const heard = async (): Promise<number> => {
      const lines = [card, other].map((tab) => tab.card.getByText('another tab', { exact: true }).count());
      return Math.max(...(await Promise.all(lines)));
    };
    await expect.poll(heard).toBeGreaterThan(0);
    await second.close();
  });

  test('refuses a record with one bit flipped, and takes it back when the bit is', async () => {
    await card.press('Flip one bit');
    await card.shows('the record is refused');
    await card.press('Call the API');
    await card.shows('E_AUTH');
    expect(demo.stack.api.counts.accepted).toBe(6);
    await card.press('Put the bit back');
    await card.shows(`signed in as ${user}`);
  });

  test('asks for a new sign-in when the server has ended the grant', async () => {
    const token = await seen.refreshToken();
    await fetch(`${demo.stack.authorizationServer.issuer}/token/revocation`, {
      method: 'POST',
      body: new URLSearchParams({ token, client_id: clients.page.id }),
    });
    const second = await demo.context.newPage();
    await second.goto(demo.stack.address);
    await settled(second);
    await card.press('Expire now');
    await card.press('Call the API');
    await card.shows('E_REAUTH');
    await demoCard(second, 'page').card.getByRole('button', { name: 'Sign in again' }).waitFor();
    await second.close();
    await demo.page.reload();
    await settled(demo.page);
    await card.shows('The server no longer renews this token');
    await card.signIn(user);
    await card.press('Call the API');
    await card.shows('The API answered 200.');
    expect(demo.complaints.splice(0)).toEqual([expect.stringContaining('400')]);
  });

  test('leaves no token, secret or name in what the origin stores, in any encoding', async () => {
    const secrets = [user, ...(await seen.all())];
    expect(secrets.length).toBeGreaterThan(8);
    const stored = await storedByOrigin(demo.page);
    expect(findTraces(stored, secrets)).toEqual([]);
    expect(findTraces(stored, ['default/tokens'])).not.toEqual([]);
  });

  test('signs out: the record is gone, and the server takes the old refresh token no more', async () => {
    const refreshToken = await seen.refreshToken();
    await card.press('Sign out');
    await card.shows('signed out');
    expect(demo.stack.authorizationServer.counts.revocations).toBe(2);
    const body = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clients.page.id };
    const response = await fetch(`${demo.stack.authorizationServer.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams(body),
    });
    expect([response.status, (await response.json()).error]).toEqual([400, 'invalid_grant']);
    await demo.page.reload();
    await settled(demo.page);
    await card.shows('signed out');
  });

  test('gives the browser nothing to complain about', () => {
    expect(demo.complaints).toEqual([]);
  });

  test('leaves no token in any file of the browser, and no name in those of the origin', async () => {
    // What is there is found, in both of the ways that Chromium writes a text.
    await plant(demo.page, [planted, `${planted} €`]);
    await demo.context.close();
    const origin = join(demo.profileFolder, 'Default', 'IndexedDB');
    const found = (await findInFiles(origin, [planted])).join();
    expect(found).toMatch(/in utf-8/);
    expect(found).toMatch(/in utf-16/);
    expect(await findInFiles(origin, [user, ...(await seen.all())])).toEqual([]);
    expect(await findInFiles(join(demo.profileFolder, 'Default'), await seen.tokens())).toEqual([]);
  });
});

/** Stores texts of another application in the clear, some times each: the browser's log cuts one that lies across two blocks. */
async function plant(page: Page, texts: readonly string[]): Promise<void> {
  await page.evaluate(async (values) => {
    const opening = indexedDB.open('planted');
    opening.onupgradeneeded = () => opening.result.createObjectStore('planted');
    await new Promise((resolve) => {
      opening.onsuccess = resolve;
    });
    const writing = opening.result.transaction('planted', 'readwrite', { durability: 'strict' });
    for (let i = 0; i < 4 * values.length; i++) writing.objectStore('planted').put(values[i % values.length], i);
    await new Promise((resolve) => {
      writing.oncomplete = resolve;
    });
  }, texts);
}
