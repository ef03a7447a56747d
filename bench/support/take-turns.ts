import { median } from './median.ts';

/** One of several ways to do the same work. */
export interface Contender {
  /** What is timed, several times in a row. */
  run(): Promise<unknown>;
  /** Puts things back as they were after a turn; not timed. */
  undo?(): Promise<unknown>;
}

/** What one run took in each round, in microseconds. */
export type Turns<N extends string> = { readonly [K in N]: readonly number[] };

/**
 * Times a few runs of each of several ways in each round, in an order that turns with the rounds, so that whatever slows the machine for a
 * while slows all of them.
 */
export async function takeTurns<N extends string>(
  contenders: { readonly [K in N]: Contender },
  { rounds = 30, batch = 10 } = {},
): Promise<Turns<N>> {
  const names = Object.keys(contenders) as N[];
  const turns = Object.fromEntries(names.map((name) => [name, [] as number[]])) as { [K in N]: number[] };
  for (let round = -3; round < rounds; round++) {
    const shift = (round + 3) % names.length;
    for (const name of [...names.slice(shift), ...names.slice(0, shift)]) {
      const start = performance.now();
      for (let n = 0; n < batch; n++) await contenders[name].run();
      const took = ((performance.now() - start) * 1000) / batch;
      await contenders[name].undo?.();
      // the first rounds warm everything up
      if (round >= 0) turns[name].push(took);
    }
  }
  return turns;
}

/** The median, over all rounds, of what the one took against what the other took in the same round. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, round) => value / (theirs[round] as number)));
}
