import { median } from './median.ts';

/** How two ways of doing the same compare. */
export interface Ratio {
  /** Median over all rounds of ours ÷ plain. */
  readonly ratio: number;
  /** Median of ours, in microseconds for one operation. */
  readonly ours: number;
  readonly plain: number;
  /** Median over all rounds of ours − plain, in microseconds for one operation. */
  readonly more: number;
}

/**
 * Times both in turn, A B B A, so that whatever slows the machine slows both; the clock is read around whole batches
 * because it steps by a millisecond in some engines.
 */
export async function compare(
  ours: () => Promise<unknown>,
  plain: () => Promise<unknown>,
  { rounds = 101, batch = 20 } = {},
): Promise<Ratio> {
  const time = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    for (let n = 0; n < batch; n++) await work();
    return ((performance.now() - start) * 1000) / batch;
  };
  await time(ours);
  await time(plain);
  const results: [ours: number, plain: number][] = [];
  for (let round = 0; round < rounds; round++) {
    const first = round % 2 === 0;
    const one = await time(first ? ours : plain);
    const two = await time(first ? plain : ours);
    results.push(first ? [one, two] : [two, one]);
  }
  return {
    ratio: median(results.map(([a, b]) => a / b)),
    ours: median(results.map(([a]) => a)),
    plain: median(results.map(([, b]) => b)),
    more: median(results.map(([a, b]) => a - b)),
  };
}
