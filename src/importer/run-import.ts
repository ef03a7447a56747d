import type { SavedToken } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { type Decision, decide } from './decide.ts';
import { findStored } from './find-stored.ts';
import type { ImportReport, RowOutcome, RowReport } from './import-report.ts';
import type { ImportTarget } from './import-target.ts';
import type { ImportPlan } from './plan-import.ts';
import type { PlannedToken } from './planned-token.ts';

/** How an import goes about it. */
export interface ImportOptions {
  /** Whether the target is written. Default `false`: a dry run, which tells what would be done. */
  readonly write?: boolean;
  /** Ends the import after the row it is at. */
  readonly signal?: AbortSignal;
  /** Told after each row how many of how many are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A token that was written, to be compared with what a fresh store reads. */
export interface WrittenToken {
  readonly planned: PlannedToken;
  readonly saved: SavedToken;
}

/** How often a row starts over when others write the same token at the same time. */
const maxAttempts = 10;

/** What spoils one row only: the record that stands in its place, or a value that cannot be stored. */
const reasons: { readonly [code: string]: string } = {
  E_AUTH: 'the target has a damaged record of this token; sign its user in again',
  E_FORMAT: 'the target has a damaged record of this token; sign its user in again',
  E_INDEX_MISMATCH: 'the target has a damaged record of this token; sign its user in again',
  E_AMBIGUOUS: 'the target has several tokens of this user, and the row does not say which; use --data-center',
  E_CONFLICT: 'others keep writing this token in the target; import again in a moment',
  E_INPUT: 'holds a value that cannot be stored',
};

/**
 * Brings the tokens of a plan into the target, one after the other. What is there already is left alone, and what is newer there as
 * well, so that an import can be repeated, and taken up again wherever it ended. An application may use the target meanwhile.
 *
 * Resolves also when it was interrupted or the target fails; the report then says how far it came.
 */
export async function runImport(
  plan: ImportPlan,
  target: ImportTarget,
  { write = false, signal, onProgress = () => undefined }: ImportOptions = {},
): Promise<{ readonly report: ImportReport; readonly written: readonly WrittenToken[] }> {
  const rows: RowReport[] = [...plan.settled];
  const written: WrittenToken[] = [];
  let failure: TokenkeepError | undefined;
  let done = 0;
  try {
    if (plan.tokens.length > 0) await checkKeyring(target);
    for (const planned of plan.tokens) {
      if (signal?.aborted) break;
      rows.push(await importToken(planned, target, write, written));
      done++;
      onProgress(done, plan.tokens.length);
    }
  } catch (error) {
    if (!(error instanceof TokenkeepError)) throw error;
    failure = error;
  }
  const outcomes: { [O in RowOutcome]: number } = {
    imported: 0,
    updated: 0,
    merged: 0,
    unchanged: 0,
    kept: 0,
    skipped: 0,
  };
  for (const { outcome } of rows) outcomes[outcome]++;
  const remarks = rows
    .filter((row) => row.reason !== undefined || row.notes !== undefined || row.others !== undefined)
    .sort((left, right) => left.row - right.row);
  const interrupted = failure === undefined && done < plan.tokens.length;
  const report = { rows: plan.rows, outcomes, remarks, interrupted, ...(failure && { failure }) };
  return { report, written };
}

/** With another keyring none of the tokens that are there would be found, and each would be stored twice. */
async function checkKeyring(target: ImportTarget): Promise<void> {
  const onCorrupt = (error: TokenkeepError): void => {
    if (error.code === 'E_KEY_UNKNOWN' || error.code === 'E_KEY_DISABLED') throw error;
  };
  for await (const _ of target.tokens({ limit: 10, onCorrupt })) return;
}

async function importToken(
  planned: PlannedToken,
  target: ImportTarget,
  write: boolean,
  written: WrittenToken[],
): Promise<RowReport> {
  for (let attempt = 1; ; attempt++) {
    try {
      const decision = decide(planned.token, await findStored(target, planned.token));
      if (write && 'change' in decision) {
        written.push({ planned, saved: await target.saveToken(decision.change, { keepGrant: true }) });
      }
      return describe(planned, decision);
    } catch (error) {
      const code = error instanceof TokenkeepError ? error.code : '';
      if (code === 'E_CONFLICT' && attempt < maxAttempts) continue;
      const reason = reasons[code];
      if (reason === undefined) throw error;
      return { row: planned.row, outcome: 'skipped', reason };
    }
  }
}

function describe({ row, notes, others }: PlannedToken, decision: Decision): RowReport {
  const all = [...notes, ...decision.notes];
  return {
    row,
    outcome: decision.outcome,
    ...('reason' in decision && { reason: decision.reason }),
    ...(all.length > 0 && { notes: all }),
    ...(others.length > 0 && { others }),
  };
}
