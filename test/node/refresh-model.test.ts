import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryBackend } from '../../src/backends/memory-backend.ts';
import { brokenVariants } from '../support/refresh-model/broken-variants.ts';
import { checkPlans } from '../support/refresh-model/check-plans.ts';
import { plans } from '../support/refresh-model/plan.ts';
import { runPlan, type Setting } from '../support/refresh-model/run-plan.ts';
import { testKeyring } from '../support/test-keyring.ts';

const extent = { runs: 2000, maxSteps: 60 };
const timeout = 120_000;
const keyring = await testKeyring();
const setting = (): Setting => ({ keyring, backend: (now) => memoryBackend({ now }) });

test('in two thousand schedules no token is lost, sent too often or overwritten, and everybody is answered', {
  timeout,
}, async () => {
  const replay = import.meta.env.VITE_REFRESH_MODEL as string | undefined;
  const { violation, runs, safe } = await checkPlans(setting, extent, { replay });
  expect(violation).toBeUndefined();
  // the strictest promises hold where nothing could cost a session: there have to be enough such schedules
  if (replay === undefined) expect([runs, safe > extent.runs / 5]).toEqual([extent.runs, true]);
});

test.each(brokenVariants)('as many schedules find out %s', { timeout }, async (_, broken) => {
  const { violation } = await checkPlans(() => ({ ...setting(), ...broken }), extent, { shrinks: false });
  expect(violation).toContain('VITE_REFRESH_MODEL');
});

test('the shortest schedule that shows a violation is reported, and can be run again', { timeout }, async () => {
  const broken = (): Setting => ({ ...setting(), ...brokenVariants[0]?.[1] });
  const { violation = '' } = await checkPlans(broken, extent);
  const replay = /VITE_REFRESH_MODEL='(.*)'/.exec(violation)?.[1];
  expect(await checkPlans(broken, extent, { replay })).toMatchObject({ violation, runs: 1 });
  expect(violation.split('\n').length).toBeLessThan(50);
});

test('a schedule runs in the same way every time', { timeout }, async () => {
  for (const plan of fc.sample(plans(extent.maxSteps), 30)) {
    const { trace } = await runPlan(plan, setting());
    expect((await runPlan(plan, setting())).trace).toEqual(trace);
  }
});
