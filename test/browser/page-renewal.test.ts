import { describe, expect, test } from 'vitest';
import { expire, pageTabs, waiting } from './page-tabs.ts';

describe('five tabs over one IndexedDB', () => {
  test('that ask at the same moment send one refresh token, and all get the new access token', async () => {
    const app = await pageTabs();
    await expire(app.here);
    await app.login('hold');
    await app.begin('app.client.getToken()');
    await app.untilHeld();
    await expect.poll(() => waiting(app.here)).toBe(4);
    await app.login('release');
    const outcomes = await app.outcomes();
    expect(await app.state()).toEqual({ refreshes: ['renewed'], isGranted: true });
    const { accessToken } = (await app.here.client.token()) ?? {};
    expect(outcomes.map((outcome) => outcome.accessToken)).toEqual(Array(5).fill(accessToken));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([
      'joined',
      'joined',
      'joined',
      'joined',
      'refreshed',
    ]);
  });

  test('do so with a server that takes a second and a half', async () => {
    const app = await pageTabs({ delayMs: 1500 });
    await expire(app.here);
    await app.begin('app.client.getToken()');
    const outcomes = await app.outcomes();
    expect(await app.state()).toEqual({ refreshes: ['renewed'], isGranted: true });
    expect(new Set(outcomes.map(({ accessToken }) => accessToken)).size).toBe(1);
    expect(outcomes.map(({ code }) => code)).toEqual(Array(5).fill(undefined));
  });

  test('do so where the browser has no Web Locks', async () => {
    const app = await pageTabs({ locks: false });
    await expire(app.here);
    await app.login('hold');
    await app.begin('app.client.getToken()');
    await app.untilHeld();
    await app.login('release');
    const outcomes = await app.outcomes();
    expect(await app.state()).toEqual({ refreshes: ['renewed'], isGranted: true });
    expect(new Set(outcomes.map(({ accessToken }) => accessToken)).size).toBe(1);
    expect(outcomes.map(({ code }) => code)).toEqual(Array(5).fill(undefined));
  });

  test('whose token an API refuses before its time renew it once, and repeat their requests', async () => {
    const app = await pageTabs();
    const { id = '', issuer } = (await app.here.client.token()) ?? {};
    await app.here.store.saveToken({ id, obtainedAt: Date.now() - 60_000 });
    await app.login('forgetAccessTokens');
    await app.begin(`app.client.fetch('${issuer}/me')`);
    const outcomes = await app.outcomes();
    expect(outcomes).toEqual(Array(5).fill({ status: 200 }));
    expect(await app.state()).toEqual({ refreshes: ['renewed'], isGranted: true });
  });

  test('all hear that one has renewed, and which token', async () => {
    const app = await pageTabs();
    await expire(app.here);
    await app.begin('app.client.getToken()');
    await app.outcomes();
    const heard = 'return app.events.filter(({ type }) => type === "refreshed").map(({ elsewhere }) => elsewhere);';
    const all = async (): Promise<string[]> =>
      (await app.evaluate(heard)).map((events) => JSON.stringify(events)).sort();
    await expect.poll(all).toEqual(['[false]', '[true]', '[true]', '[true]', '[true]']);
    const { id, revision } = (await app.here.client.token()) ?? {};
    const [refreshed] = app.here.events.filter(({ type }) => type === 'refreshed');
    expect(refreshed).toMatchObject({ tokenId: id, revision, elsewhere: true });
  });
});

describe('a tab that renews', () => {
  test('keeps nothing when another tab signs out meanwhile, and revokes what it got', async () => {
    const app = await pageTabs({ count: 1 });
    await expire(app.here);
    await app.login('hold');
    await app.begin('app.client.getToken()');
    await app.untilHeld();
    await app.here.client.signOut();
    await app.login('release');
    expect(await app.outcomes()).toEqual([{ code: 'E_REAUTH' }]);
    expect(await app.here.store.getTokens()).toEqual([]);
    expect((await app.state()).isGranted).toBe(false);
    const [events] = await app.evaluate('return app.events.map(({ type, elsewhere }) => [type, elsewhere]);');
    expect(events).toEqual([
      ['signed-out', true],
      ['discarded', false],
    ]);
  });

  test('does not make one wait that renews another client’s token in the same database', async () => {
    const name = `page-renewal-${crypto.randomUUID()}`;
    const app = await pageTabs({ count: 1, name });
    const other = await pageTabs({ count: 1, name });
    await expire(app.here);
    await expire(other.here);
    await app.login('hold');
    await app.begin('app.client.getToken()');
    await app.untilHeld();
    await other.begin('app.client.getToken()');
    expect(await other.outcomes()).toEqual([expect.objectContaining({ outcome: 'refreshed' })]);
    await app.login('release');
    expect(await app.outcomes()).toEqual([expect.objectContaining({ outcome: 'refreshed' })]);
    for (const one of [app, other]) expect(await one.state()).toEqual({ refreshes: ['renewed'], isGranted: true });
  });
});
