import { describe, expect, test } from 'vitest';
import { expire, type PageTabs, type PageTabsOptions, pageTabs, waiting } from './page-tabs.ts';

/**
 * Five tabs want a new token, and the one that renews it is closed: the server has replaced the refresh token, and the answer
 * is lost. No claim is over by its time, because the clock of the claims stands still.
 */
async function interrupted(options: PageTabsOptions = {}): Promise<PageTabs> {
  const app = await pageTabs(options);
  await expire(app.here);
  await app.login('hold');
  await app.begin('app.client.getToken()');
  const renewing = await app.untilHeld();
  if (options.locks !== false) await expect.poll(() => waiting(app.here)).toBe(4);
  await app.close(renewing);
  await app.login('release');
  return app;
}

/** What everybody is to be told when nothing can be saved: once, truly, and for good. */
async function expectInterruption(app: PageTabs): Promise<void> {
  const told = Array(4).fill({ code: 'E_REAUTH', reason: 'interrupted' });
  expect(await app.outcomes()).toEqual(told);
  expect(await app.state()).toEqual({ refreshes: ['renewed', 'reused'], isGranted: false });
  expect((await app.here.client.token())?.reauthRequired?.reason).toBe('interrupted');
  const heard = (): unknown[] => app.here.events.filter(({ type }) => type === 'reauth-required');
  await expect.poll(heard).toEqual([expect.objectContaining({ reason: 'interrupted', elsewhere: true })]);
  await app.begin('app.client.getToken()');
  expect(await app.outcomes()).toEqual(told);
  expect((await app.state()).refreshes).toHaveLength(2);
}

describe('a tab that is closed while it renews', () => {
  test('is noticed by its lock: one of the others asks once more, and all are told that the user has to sign in', async () => {
    await expectInterruption(await interrupted());
  });

  test('costs nothing with a server that honours a replaced refresh token once more', async () => {
    const app = await interrupted({ graces: 1 });
    const outcomes = await app.outcomes();
    expect(await app.state()).toEqual({ refreshes: ['renewed', 'honoured-again'], isGranted: true });
    const { accessToken } = (await app.here.client.token()) ?? {};
    expect(outcomes.map((outcome) => outcome.accessToken)).toEqual(Array(4).fill(accessToken));
  });

  test('is noticed at the end of its claim where there are no Web Locks, and no sooner', async () => {
    const app = await interrupted({ locks: false });
    const transactions = (): Promise<number[]> => app.evaluate('return app.transactions();');
    const then = Math.max(...(await transactions()));
    // they have looked several times
    await expect.poll(async () => Math.min(...(await transactions())), { timeout: 20_000 }).toBeGreaterThan(then + 2);
    const soFar = await app.evaluate("return Promise.race([window.outcome, 'waiting']);");
    expect(soFar).toEqual(Array(4).fill('waiting'));
    expect((await app.state()).refreshes).toEqual(['renewed']);
    await app.evaluate('app.endClaims();');
    await expectInterruption(app);
  });
});
