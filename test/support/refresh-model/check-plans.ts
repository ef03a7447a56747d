import fc from 'fast-check';
import { type Plan, plans } from './plan.ts';
import { type Report, runPlan, type Setting } from './run-plan.ts';

/** How many schedules, and how long they are. */
export interface Extent {
  readonly runs: number;
  readonly maxSteps: number;
}

/** What many schedules came to. */
export interface Findings {
  /** The shortest schedule found that breaks a promise, and how to see it again; absent when none does. */
  readonly violation?: string;
  readonly runs: number;
  /** In how many of them nothing could cost a session. */
  readonly safe: number;
}

/**
 * Runs schedules chosen at random until one breaks a promise.
 *
 * @param setting makes what each schedule runs on.
 * @param replay the seed and the path of a violation, as it was reported: that schedule only.
 * @param shrinks whether a violation is looked into for the shortest schedule that shows it.
 */
export async function checkPlans(
  setting: () => Setting,
  { runs, maxSteps }: Extent,
  { replay, shrinks = true }: { readonly replay?: string | undefined; readonly shrinks?: boolean } = {},
): Promise<Findings> {
  let safe = 0;
  let last: Report | undefined;
  const property = fc.asyncProperty(plans(maxSteps), async (plan) => {
    const report = await runPlan(plan, setting());
    if (report.dangers.length === 0) safe++;
    if (report.violations.length > 0) last = report;
    return report.violations.length === 0;
  });
  const [seed, path] = replay?.split(' ') ?? [];
  const chosen = path === undefined ? { numRuns: runs } : { numRuns: 1, seed: Number(seed), path };
  const result = await fc.check(property, { ...chosen, endOnFailure: path !== undefined || !shrinks });
  if (!result.failed) return { runs: result.numRuns, safe };
  const [plan] = result.counterexample as [Plan];
  const { violations, trace } = last as Report;
  const violation = [
    ...violations,
    `see it again with VITE_REFRESH_MODEL='${result.seed} ${result.counterexamplePath}'`,
    JSON.stringify(plan),
    ...trace,
  ].join('\n');
  return { violation, runs: result.numRuns, safe };
}
