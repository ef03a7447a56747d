import type { Keyring } from '../core/keyring.ts';
import type { RecordBackend } from '../core/record-backend.ts';
import { type ScrubFinding, type ScrubProgress, scrub } from '../store/scrub.ts';
import { checkKeysFit } from './check-keys-fit.ts';
import { shown } from './show-progress.ts';
import { untilInterrupted, wasInterrupted } from './until-interrupted.ts';

/** All there is to say of a scrub. */
export interface ScrubReport extends ScrubProgress {
  readonly interrupted: boolean;
}

/**
 * Scrubs all records of a backend, with progress on standard error. Ctrl-C ends it after the batch under way.
 *
 * @throws what {@link checkKeysFit} and `scrub()` do.
 */
export function runScrub(backend: RecordBackend, keyring: Keyring, repair: boolean): Promise<ScrubReport> {
  return untilInterrupted(async (signal) => {
    checkKeysFit(keyring, await backend.keyUse());
    const findings: ScrubFinding[] = [];
    let last: ScrubProgress = { total: 0, checked: 0, found: {}, repaired: 0, findings };
    const read = async (onProgress: (done: number, total: number) => void): Promise<void> => {
      for await (const progress of scrub({ backend, keyring, repair, signal })) {
        findings.push(...progress.findings);
        last = progress;
        onProgress(Math.min(progress.checked, progress.total), progress.total);
      }
    };
    try {
      await shown('Opening', read);
    } catch (error) {
      if (!(await wasInterrupted(signal))) throw error;
      return { ...last, findings, interrupted: true };
    }
    return { ...last, findings, interrupted: false };
  });
}
