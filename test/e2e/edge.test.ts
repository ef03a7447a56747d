import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients } from '../../scripts/local/clients.ts';
import { findTraces } from '../support/find-traces.ts';
import { type DemoCard, demoCard, settled } from './demo-card.ts';
import { findInFiles } from './find-in-files.ts';
import { type RunningDemo, startDemo } from './running-demo.ts';
import { type SeenSecrets, watchSecrets } from './seen-secrets.ts';
import { storedRows } from './stored-rows.ts';

describe.each(['d1', 'kv'] as const)('through the edge, tokens in %s', (backend) => {
  const user = `sentinel-user-${crypto.randomUUID()}`;
  let demo: RunningDemo;
  let edge: DemoCard;
  let seen: SeenSecrets;

  beforeAll(async () => {
    demo = await startDemo(backend);
    seen = watchSecrets(demo.context);
    edge = demoCard(demo.page, 'edge');
    await demo.page.goto(demo.stack.address);
    await settled(demo.page);
  });
  afterAll(() => demo?.close());

  test('a user signs in', async () => {
    await edge.signIn(user);
    await edge.shows(`signed in as ${user}`);
    expect(demo.page.url()).toBe(`${demo.stack.address}/`);
    expect(demo.stack.authorizationServer.counts).toMatchObject({ exchanges: 1, refusals: 0 });
  });

  test('is still signed in after a reload', async () => {
    await demo.page.reload();
    await settled(demo.page);
    await edge.shows(`signed in as ${user}`);
    expect(demo.stack.authorizationServer.counts.tokenRequests).toBe(1);
  });

  test('calls the API through the worker', async () => {
    await edge.press('Call the API');
    expect(await edge.card.getByLabel('The answer').innerText()).toContain(user);
    expect(demo.stack.api.counts).toEqual({ accepted: 1, refused: 0 });
    expect(demo.stack.authorizationServer.counts.refreshes).toBe(0);
  });

  test('has an expired token renewed exactly once', async () => {
    await edge.press('Expire now');
    await edge.shows('expired: renewed on the next call');
    await edge.press('Call the API');
    await edge.shows('The worker renewed the token.');
    expect(demo.stack.api.counts).toEqual({ accepted: 2, refused: 0 });
    expect(demo.stack.authorizationServer.counts).toMatchObject({ refreshes: 1, refusals: 0, revokedGrants: 0 });
  });

  // KV has no compare-and-set, and so nothing to hold eight isolates back with.
  if (backend === 'd1') {
    test('has an expired token renewed once for eight calls at the same time', async () => {
      await edge.press('Expire now');
      const calls = await demo.page.evaluate(() =>
        Promise.all(Array.from({ length: 8 }, async () => (await fetch('/api/time')).json())),
      );
      expect(calls).toEqual(Array(8).fill({ time: expect.any(String) }));
      expect(demo.stack.authorizationServer.counts).toMatchObject({ refreshes: 2, refusals: 0, revokedGrants: 0 });
    });
  }

  test('has a token that is about to expire renewed while it still works', async () => {
    await edge.press('Call the API');
    await edge.shows('The stored token was fresh.');
    const { refreshes } = demo.stack.authorizationServer.counts;
    await edge.press('Expire soon');
    await edge.press('Call the API');
    expect(demo.stack.authorizationServer.counts).toMatchObject({ refreshes: refreshes + 1, refusals: 0 });
  });

  test('gets a short-lived token, and never the refresh token', async () => {
    const answer = demo.page.waitForResponse('**/auth/token');
    await edge.press('Get a short-lived token');
    const body = await (await answer).text();
    expect(Object.keys(JSON.parse(body)).sort()).toEqual(['accessToken', 'expiresAt', 'tokenType']);
    expect(body).not.toContain(await seen.refreshToken());
  });

  test('shows the stored record, in which the token and the name are not to be found', async () => {
    await edge.press('Look for my access token');
    await edge.shows('Not there: your access token');
    await edge.card.getByLabel('Look for any text').fill(user);
    await edge.press('Look');
    await edge.shows('is nowhere in these bytes');
    await edge.card.getByLabel('Look for any text').fill('default/tokens');
    await edge.press('Look');
    await edge.shows('Found:');
  });

  test('leaves no token, secret or name in the files and rows of the database, in any encoding', async () => {
    const secrets = [user, clients.worker.secret, ...demo.secrets, ...(await seen.all())];
    expect(secrets.length).toBeGreaterThan(10);
    expect(await findInFiles(demo.databaseFolder, secrets)).toEqual([]);
    const rows = await storedRows(demo.databaseFolder);
    expect(findTraces(rows, secrets)).toEqual([]);
    // What is there is found: the record's id is stored in the clear.
    const shown = await edge.card.locator('dl.columns').innerText();
    const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(shown)?.[0] ?? 'no id is shown';
    expect(await findInFiles(demo.databaseFolder, [id])).not.toEqual([]);
    expect(findTraces(rows, [id])).not.toEqual([]);
  });

  test('signs out: the record is gone, and the server takes the old refresh token no more', async () => {
    const refreshToken = await seen.refreshToken();
    await edge.press('Sign out');
    await edge.shows('signed out');
    expect(demo.stack.authorizationServer.counts.revocations).toBe(1);
    const { id, secret } = clients.worker;
    const response = await fetch(`${demo.stack.authorizationServer.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    });
    expect([response.status, (await response.json()).error]).toEqual([400, 'invalid_grant']);
    await demo.page.reload();
    await settled(demo.page);
    await edge.shows('signed out');
  });

  test('signs in again, and out everywhere', async () => {
    await edge.signIn(user);
    await edge.press('Sign out everywhere');
    await edge.shows('Revoked at the server and deleted at the edge.');
    expect(demo.stack.authorizationServer.counts.revocations).toBe(2);
  });

  test('gives the browser nothing to complain about', () => {
    expect(demo.complaints).toEqual([]);
  });
});
