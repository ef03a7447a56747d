import type { KeptRecord } from '../core/record-backend.ts';
import type { ErrorCode } from '../core/tokenkeep-error.ts';
import type { ResealOutcome } from './reseal-records.ts';

/** How many records there are for each code of an error. */
export type CodeCounts = { readonly [C in ErrorCode]?: number };

/** How far a rotation has come. Numbers, and nothing of any token or user. */
export interface RotationProgress {
  /** How many records needed new keys when the run began. */
  readonly total: number;
  readonly resealed: number;
  /** How often somebody else wrote to a record meanwhile. What he wrote stands, and the next pass looks at it again. */
  readonly overtaken: number;
  /** How many records stay as they are, because they do not open or cannot be written. */
  readonly failed: number;
  /** How many records still need new keys: an estimate while the run goes on, and in the end what has failed. */
  readonly remaining: number;
  /** What has failed, by code; `E_CONFLICT` when another record has the identity of this one, which a save of that token settles. */
  readonly failures: CodeCounts;
  /** Since the run began, in milliseconds. */
  readonly elapsedMs: number;
  /** How much longer it takes if it goes on like this, in milliseconds; absent while nothing can be told, and at the end. */
  readonly estimatedMs?: number;
}

/** What one pass over all records came to. */
interface Pass {
  resealed: number;
  failed: number;
  readonly failures: { [C in ErrorCode]?: number };
  /** The revisions of the records that somebody else wrote to, by partition and id. */
  readonly overtaken: Map<string, number>;
}

const newPass = (): Pass => ({ resealed: 0, failed: 0, failures: {}, overtaken: new Map() });

/** Counts what a rotation does, pass by pass. */
export class RotationTally {
  readonly #total: number;
  readonly #began = performance.now();
  /** What is expected of the present pass. */
  #expected: number;
  #resealed = 0;
  #overtaken = 0;
  #pass = newPass();
  #before: Pass | undefined;

  constructor(total: number) {
    this.#total = total;
    this.#expected = total;
  }

  add({ partition, id, revision }: KeptRecord, outcome: ResealOutcome): void {
    const pass = this.#pass;
    const place = JSON.stringify([partition, id]);
    if (outcome === 'resealed') {
      pass.resealed++;
    } else if (outcome === 'overtaken' && this.#before?.overtaken.get(place) !== revision) {
      pass.overtaken.set(place, revision);
    } else {
      // nobody has written to it since the pass before: another record of the same identity stands in the way
      const code = outcome === 'overtaken' ? 'E_CONFLICT' : outcome;
      pass.failures[code] = (pass.failures[code] ?? 0) + 1;
      pass.failed++;
    }
  }

  /** @returns whether the pass has changed anything, or would have if nobody else had been faster. */
  endPass(): boolean {
    const { resealed, overtaken, failed } = this.#pass;
    this.#resealed += resealed;
    this.#overtaken += overtaken.size;
    this.#expected = failed + overtaken.size;
    this.#before = this.#pass;
    this.#pass = newPass();
    return resealed + overtaken.size > 0;
  }

  progress(): RotationProgress {
    const pass = this.#pass;
    // until a later pass has come as far, what the one before it has found is the better word
    const { failed, failures } = this.#before ?? pass;
    const elapsedMs = performance.now() - this.#began;
    const remaining = Math.max(this.#expected - pass.resealed - pass.overtaken.size, pass.failed);
    const done = this.#resealed + pass.resealed;
    const estimatedMs = (elapsedMs / done) * (remaining - failed);
    return {
      total: this.#total,
      resealed: done,
      overtaken: this.#overtaken + pass.overtaken.size,
      failed,
      remaining,
      failures: { ...failures },
      elapsedMs,
      ...(done > 0 && remaining > failed && { estimatedMs }),
    };
  }
}
