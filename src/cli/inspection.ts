import type { KeptRecord, KeyUse } from '../core/record-backend.ts';

/** How many records expire when, by the clock of this machine. */
export interface Expiries {
  readonly never: number;
  readonly expired: number;
  readonly withinHour: number;
  readonly withinDay: number;
  readonly later: number;
}

/** What is at rest in one partition. Nothing of it needs a key. */
export interface PartitionFigures {
  readonly partition: string;
  readonly records: number;
  /** Of the sealed part of a record, in bytes. */
  readonly sizes: { readonly smallest: number; readonly median: number; readonly largest: number };
  readonly expiries: Expiries;
}

const hourMs = 3_600_000;

/** Counts records, and keeps none of them. */
export class Inspection {
  readonly #now: number;
  readonly #partitions = new Map<string, Tally>();

  /** @param now epoch milliseconds. */
  constructor(now: number) {
    this.#now = now;
  }

  add({ partition, sealed, expiresAt }: KeptRecord): void {
    const tally = this.#partitions.get(partition) ?? newTally();
    this.#partitions.set(partition, tally);
    tally.sizes.set(sealed.length, (tally.sizes.get(sealed.length) ?? 0) + 1);
    tally.expiries[this.#expiry(expiresAt)]++;
  }

  /** By the names of the partitions. */
  figures(): readonly PartitionFigures[] {
    const byName = [...this.#partitions].sort(([left], [right]) => (left < right ? -1 : 1));
    return byName.map(([partition, { sizes, expiries }]) => {
      const sorted = [...sizes].sort(([left], [right]) => left - right);
      const records = sorted.reduce((sum, [, count]) => sum + count, 0);
      return { partition, records, sizes: sizesOf(sorted, records), expiries };
    });
  }

  #expiry(expiresAt: number): keyof Expiries {
    if (expiresAt === 0) return 'never';
    const left = expiresAt - this.#now;
    if (left <= 0) return 'expired';
    if (left <= hourMs) return 'withinHour';
    return left <= 24 * hourMs ? 'withinDay' : 'later';
  }
}

interface Tally {
  /** How many records there are of each size: sizes come in steps of 256 bytes, so that these are few. */
  readonly sizes: Map<number, number>;
  readonly expiries: { -readonly [E in keyof Expiries]: number };
}

const newTally = (): Tally => ({
  sizes: new Map(),
  expiries: { never: 0, expired: 0, withinHour: 0, withinDay: 0, later: 0 },
});

function sizesOf(
  sorted: readonly (readonly [size: number, count: number])[],
  records: number,
): PartitionFigures['sizes'] {
  let passed = 0;
  const median = sorted.find(([, count]) => {
    passed += count;
    return passed * 2 >= records;
  });
  return { smallest: sorted[0]?.[0] ?? 0, median: median?.[0] ?? 0, largest: sorted.at(-1)?.[0] ?? 0 };
}

/** All there is to say of a place. */
export interface InspectionReport {
  readonly records: number;
  readonly partitions: readonly PartitionFigures[];
  readonly keys: readonly KeyUse[];
}
