import type { Figure } from './figure.ts';
import { median } from './median.ts';

/** How one refresh storm went: many callers asked at the same moment for one token that had expired. */
export interface Storm {
  readonly callers: number;
  /** Calls to the authorization server. */
  readonly calls: number;
  /** Callers who were given a token. */
  readonly answered: number;
  /** Those of them whose token works when all have been answered. */
  readonly live: number;
  /** Whether the grant can be renewed afterwards. */
  readonly alive: boolean;
  /** When each caller was answered, in milliseconds since all asked. */
  readonly times: readonly number[];
  /** How long one call to the authorization server took, with nobody else about. */
  readonly callMs: number;
}

const range = (values: readonly number[]): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? `${least}` : `${least} to ${most}`;
};

/**
 * What the storms of one kind came to: counts as they were or from least to most, times as medians.
 *
 * @param target how many calls there should be at most.
 */
export function stormFigures(name: string, storms: readonly Storm[], target?: string): Figure[] {
  const ms = (value: (storm: Storm) => number): string => median(storms.map(value)).toFixed(0);
  const count = (value: (storm: Storm) => number): string => range(storms.map(value));
  const alive = storms.filter((storm) => storm.alive).length;
  const grant = alive === storms.length ? 'alive' : alive === 0 ? 'dead' : `alive ${alive} times of ${storms.length}`;
  const last = ({ times }: Storm): number => Math.max(...times);
  const served = `${count(({ answered }) => answered)} of ${count(({ callers }) => callers)} callers`;
  return [
    {
      name: `${name}: upstream calls`,
      value: count(({ calls }) => calls),
      ...(target !== undefined && { target }),
      note: `${served} get a token, ${count(({ live }) => live)} one that works afterwards; grant ${grant}`,
    },
    {
      name: `${name}: all answered ÷ one call`,
      value: median(storms.map((storm) => last(storm) / storm.callMs)).toFixed(2),
      note: `${ms(last)} against ${ms(({ callMs }) => callMs)} ms; half of them after ${ms(({ times }) => median(times))} ms`,
    },
  ];
}
