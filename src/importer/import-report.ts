import type { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * What became of a row:
 *
 * - `imported`: the target had no such token, and has it now.
 * - `updated`: the target had an older one.
 * - `merged`: another row of the same user has the later expiry; what that one lacks was taken from this one.
 * - `unchanged`: the target has it already.
 * - `kept`: the target has a newer one, or one of which it cannot be told, which was left as it is.
 * - `skipped`: it cannot be imported; `reason` says why.
 *
 * Of a dry run: what would become of it.
 */
export type RowOutcome = 'imported' | 'updated' | 'merged' | 'unchanged' | 'kept' | 'skipped';

/** What there is to say of one row. Never anything that the row holds. */
export interface RowReport {
  /** The line of the file, or the row in the order of the ids, from 1. */
  readonly row: number;
  readonly outcome: RowOutcome;
  /** Why it was kept or skipped, as the end of a sentence about the row. */
  readonly reason?: string;
  /** What was done otherwise than the row has it, as ends of a sentence. */
  readonly notes?: readonly string[];
  /** The other rows of the same user: of a merged row the one it was merged into. */
  readonly others?: readonly number[];
}

/** What an import did, or would do. Rows that were dealt with: the sum of all outcomes. */
export interface ImportReport {
  /** How many rows the source has. */
  readonly rows: number;
  readonly outcomes: { readonly [O in RowOutcome]: number };
  /** The rows of which there is more to say than their outcome, in their order. */
  readonly remarks: readonly RowReport[];
  /** Whether somebody ended the import before it was done. */
  readonly interrupted: boolean;
  /** What ended it before it was done. */
  readonly failure?: TokenkeepError;
}
