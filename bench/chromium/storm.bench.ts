import { expect, test } from 'vitest';
import { expire, type PageTabs, pageTabs } from '../../test/browser/page-tabs.ts';
import { type Storm, stormFigures } from '../support/storm.ts';
import { naive } from './naive-tab.ts';

const callers = 5;
const delayMs = 150;
const rounds = 5;
/** How each tab asks for a token. */
const ways = {
  tokenkeep: 'app.client.getToken()',
  'read-refresh-write': `(await import('/bench/chromium/naive-tab.ts')).naive(app)`,
};
const storms: Readonly<Record<keyof typeof ways, Storm[]>> = { tokenkeep: [], 'read-refresh-write': [] };

/** All tabs ask at the same moment. The server takes its time to renew, and refuses at once. */
async function storm(call: string, app: PageTabs): Promise<Storm> {
  const { callMs } = await naive(app.here);
  await app.evaluate(`await import('/bench/chromium/naive-tab.ts');`);
  await expire(app.here);
  await app.begin(`{
    window.asked = Date.now();
    try { return await ${call}; } finally { window.answered = Date.now(); }
  }`);
  const outcomes = await app.outcomes();
  const tokens = outcomes.flatMap(({ accessToken }) => (accessToken === undefined ? [] : [accessToken]));
  const works = await Promise.all(tokens.map((token) => isLive(app, token)));
  const { refreshes, isGranted } = await app.state();
  const clocks: readonly [asked: number, answered: number][] = await app.evaluate('return [asked, answered];');
  const start = Math.min(...clocks.map(([asked]) => asked));
  return {
    callers,
    calls: refreshes.length - 1,
    answered: tokens.length,
    live: works.filter(Boolean).length,
    alive: isGranted,
    times: clocks.map(([, answered]) => answered - start),
    callMs,
  };
}

async function isLive({ here }: PageTabs, accessToken: string): Promise<boolean> {
  const issuer = (await here.client.token())?.issuer;
  return (await fetch(`${issuer}/me`, { headers: { authorization: `Bearer ${accessToken}` } })).ok;
}

for (let round = 0; round <= rounds; round++) {
  for (const [name, call] of Object.entries(ways)) {
    test(`a refresh storm in tabs that share one IndexedDB: ${name}, round ${round}`, async ({ task }) => {
      const result = await storm(call, await pageTabs({ count: callers, delayMs }));
      // the first round opens tabs and compiles
      if (round === 0) return;
      const results = storms[name as keyof typeof ways];
      results.push(result);
      if (round < rounds) return;
      const isOurs = name === 'tokenkeep';
      task.meta.figures = stormFigures(`${callers} tabs, ${name}`, results, isOurs ? '1' : undefined);
      if (!isOurs) return;
      const counts = results.map(({ calls, live, alive }) => [calls, live, alive]);
      expect(counts).toEqual(Array(rounds).fill([1, callers, true]));
    });
  }
}
