import fc from 'fast-check';
import { type ServerError, serverErrors } from '../server-error.ts';
import { answerFate, isHarmless } from './gated-network.ts';

/** What a caller does. */
export type CallerKind = 'get' | 'force' | 'fetch' | 'touch' | 'signIn' | 'signOut';

/**
 * One step of a schedule. A `pick` chooses among the steps of the code under test that wait for their turn, by their number
 * modulo how many there are.
 *
 * - `start`: a caller begins, in a process, for an account.
 * - `go`: a waiting step takes place.
 * - `fail`: an operation of the database fails before it takes place. `lose`: it takes place, and whoever waits for it is
 *   told that it failed.
 * - `answer`: a call of the authorization server gets an error instead, or its connection fails; `acts` says whether the
 *   server did its part before that.
 * - `abort`: somebody who waits for a token gives up.
 * - `crash`: a process dies. `crash-after`: it dies when a waiting step has taken place, before it knows.
 * - `tick`: time passes until the next timer. `wait`: so much time passes.
 * - `jump`: a clock is set: of a process, or (3) of the database.
 */
export type Step =
  | readonly ['start', CallerKind, process: number, account: number]
  | readonly ['go' | 'fail' | 'lose' | 'abort' | 'crash-after', pick: number]
  | readonly ['answer', pick: number, ServerError | 'disconnect', acts: boolean]
  | readonly ['crash', process: number]
  | readonly ['tick']
  | readonly ['wait', ms: number]
  | readonly ['jump', whose: number, ms: number];

/** A schedule: where it begins and what happens. Then everything left runs to its end, without faults. */
export interface Plan {
  readonly whenInDoubt: 'retry-once' | 'sign-in';
  /** How often the server honours a replaced refresh token once more. */
  readonly graces: number;
  /** Whether the processes give signs of life. */
  readonly signals: boolean;
  /** Of the access tokens that are stored at the beginning. */
  readonly age: 'fresh' | 'due' | 'expired';
  /** For the jitter of the code under test. */
  readonly seed: number;
  readonly steps: readonly Step[];
}

export const processes = 3;
export const accounts: readonly string[] = ['ann', 'bob'];

const pick = fc.nat({ max: 11 });
const process = fc.nat({ max: processes - 1 });
const caller = fc.oneof(
  { weight: 8, arbitrary: fc.constant<CallerKind>('get') },
  { weight: 3, arbitrary: fc.constant<CallerKind>('force') },
  { weight: 2, arbitrary: fc.constant<CallerKind>('fetch') },
  { weight: 2, arbitrary: fc.constant<CallerKind>('touch') },
  { weight: 2, arbitrary: fc.constant<CallerKind>('signIn') },
  { weight: 1, arbitrary: fc.constant<CallerKind>('signOut') },
);
const account = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) });
const names = Object.keys(serverErrors) as ServerError[];
const harmlessErrors = names.filter((name) => isHarmless(answerFate(name, false)));
const errors = fc.oneof(
  { weight: 1, arbitrary: fc.constant('disconnect' as const) },
  { weight: 2, arbitrary: fc.constantFrom(...names) },
);
const jump = (last: number): fc.Arbitrary<Step> =>
  fc.tuple(fc.constant('jump' as const), fc.nat({ max: last }), fc.constantFrom(-600_000, -60_000, 60_000, 600_000));

const start: fc.Arbitrary<Step> = fc.tuple(fc.constant('start' as const), caller, process, account);
type Weighted = readonly fc.WeightedArbitrary<Step>[];
const calm: Weighted = [
  { weight: 4, arbitrary: start },
  { weight: 20, arbitrary: fc.tuple(fc.constant('go' as const), pick) },
  { weight: 2, arbitrary: fc.constant<Step>(['tick']) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('wait' as const), fc.constantFrom(50, 2500, 4000)) },
];
/** Nothing of this may ever cost a session. */
const hindered: Weighted = [
  ...calm,
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('fail' as const, 'lose' as const), pick) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constant('answer' as const), pick, fc.constantFrom(...harmlessErrors), fc.constant(false)),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('abort' as const), pick) },
  { weight: 1, arbitrary: jump(processes - 1) },
];
const endangered: Weighted = [
  ...hindered,
  { weight: 4, arbitrary: fc.tuple(fc.constant('answer' as const), pick, errors, fc.boolean()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('crash-after' as const), pick) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('crash' as const), process) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('wait' as const), fc.constantFrom(11_000, 31_000, 600_000)) },
  { weight: 1, arbitrary: jump(processes) },
];

/** Schedules of up to so many steps, and the few callers that each begins with. */
export function plans(maxSteps: number): fc.Arbitrary<Plan> {
  const of = (steps: Weighted): fc.Arbitrary<Step[]> =>
    fc.array(fc.oneof(...steps), { maxLength: maxSteps, size: 'max' });
  return fc
    .record({
      whenInDoubt: fc.constantFrom('retry-once' as const, 'sign-in' as const),
      graces: fc.constantFrom(0, 0, 1),
      signals: fc.boolean(),
      age: fc.constantFrom('expired' as const, 'expired' as const, 'due' as const, 'due' as const, 'fresh' as const),
      seed: fc.nat(),
      begin: fc.array(start, { minLength: 1, maxLength: 4 }),
      steps: fc.oneof(
        { weight: 1, arbitrary: of(calm) },
        { weight: 2, arbitrary: of(hindered) },
        { weight: 4, arbitrary: of(endangered) },
      ),
    })
    .map(({ begin, steps, ...plan }) => ({ ...plan, steps: [...begin, ...steps] }));
}
