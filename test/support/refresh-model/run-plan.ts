import type { Keyring } from '../../../src/core/keyring.ts';
import type { RecordBackend } from '../../../src/core/record-backend.ts';
import type { ClaimableTokenStore } from '../../../src/core/token-store.ts';
import { answerFate } from './gated-network.ts';
import { inVirtualWorld } from './in-virtual-world.ts';
import { judge } from './judge.ts';
import { ModelRun } from './model-run.ts';
import { accounts, type Plan, type Step } from './plan.ts';
import { VirtualWorld } from './virtual-world.ts';

/** What a schedule runs on. */
export interface Setting {
  readonly keyring: Keyring;
  /** A database that goes by this clock, for one run. */
  readonly backend: (now: () => number) => RecordBackend;
  /** Keeps the runs in one database apart. Default `default`. */
  readonly tenant?: string;
  /** Breaks something that a proof rests on, to see that it is found. */
  readonly breakBackend?: (backend: RecordBackend) => RecordBackend;
  readonly breakStore?: (store: ClaimableTokenStore) => ClaimableTokenStore;
}

/** What came of a schedule. */
export interface Report {
  /** Broken promises; empty when all is well. */
  readonly violations: readonly string[];
  /** What a session could end by. Without any, nothing was allowed to be lost. */
  readonly dangers: readonly string[];
  /** What happened, in order. Holds no secret. */
  readonly trace: readonly string[];
}

/** How long everything that is left may take when nothing fails any more, in virtual milliseconds. */
const patienceMs = 180_000;
const maxSteps = 2000;

/** Runs a schedule to its end. The same schedule always runs in the same way. */
export async function runPlan(plan: Plan, setting: Setting): Promise<Report> {
  const world = new VirtualWorld();
  return inVirtualWorld(world, async () => {
    const run = new ModelRun(world, plan, setting);
    await run.begin();
    world.seed(plan.seed);
    for (const step of plan.steps) {
      take(run, world, step);
      await world.quiet();
      run.checkGivenUp();
      if (step[0] === 'wait') await world.wait(step[1]);
      if (run.audit.violations.length > 0) return run.report();
    }
    await finish(run, world);
    await lastCalls(run, world);
    return run.report();
  });
}

/** Does one step. What is not possible at the moment does nothing. */
function take(run: ModelRun, world: VirtualWorld, step: Step): void {
  const [kind] = step;
  if (kind === 'start') run.start(step[1], step[2], accounts[step[3]] as string);
  else if (kind === 'crash') run.crash(step[1]);
  else if (kind === 'abort') run.abort(step[1]);
  else if (kind === 'tick') world.fire();
  else if (kind === 'jump') run.jump(step[1], step[2]);
  else if (kind !== 'wait') {
    const needed = { answer: 'arrival', fail: 'backend', lose: 'backend', go: '', 'crash-after': '' }[kind];
    const gates = needed === '' ? world.gates : world.gates.filter((gate) => gate.kind === needed);
    const gate = gates[step[1] % Math.max(1, gates.length)];
    if (gate === undefined) return;
    if (kind === 'crash-after') run.crashAfter(gate);
    else run.open(gate, kind === 'answer' ? answerFate(step[2], step[3]) : kind === 'go' ? 'do' : kind);
  }
}

/** Lets everything that is left come to its end: steps as soon as they can be taken, and time only when none can. */
async function finish(run: ModelRun, world: VirtualWorld): Promise<void> {
  const until = world.time + patienceMs;
  for (let steps = 0; ; steps++) {
    await world.quiet();
    const [gate] = world.gates;
    if (gate === undefined && run.waiting.size === 0) return;
    if (gate !== undefined) run.open(gate, 'do');
    const goesOn = gate !== undefined || world.fire();
    if (!goesOn || world.time > until || steps > maxSteps) {
      const names = [...run.waiting.values()].map(({ name }) => name);
      run.violate(`somebody still waits when all should be over: ${names.join(', ')}`);
    }
    if (run.audit.violations.length > 0) return;
  }
}

/** When everything has had its time, somebody else asks once more. */
async function lastCalls(run: ModelRun, world: VirtualWorld): Promise<void> {
  if (run.audit.violations.length > 0) return;
  // work that nobody waits for any more goes on for a while
  for (const until = world.time + 60_000; world.time < until; await world.wait(1000)) await finish(run, world);
  await world.wait(3_600_000);
  for (const user of accounts) {
    run.askLast(user);
    await finish(run, world);
  }
  judge(run);
}
