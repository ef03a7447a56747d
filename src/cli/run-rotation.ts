import type { Keyring } from '../core/keyring.ts';
import type { KeyUse, RecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { rotateKeys } from '../store/rotate-keys.ts';
import type { RotationProgress } from '../store/rotation-progress.ts';
import { checkKeysFit } from './check-keys-fit.ts';
import { shown } from './show-progress.ts';
import { untilInterrupted, wasInterrupted } from './until-interrupted.ts';

/** All there is to say of a rotation. */
export interface RotationReport extends Omit<RotationProgress, 'estimatedMs'> {
  readonly interrupted: boolean;
  /** Which keys the records have now; absent when it was interrupted. */
  readonly keys?: readonly KeyUse[];
}

const nothing: RotationReport = {
  total: 0,
  resealed: 0,
  overtaken: 0,
  failed: 0,
  remaining: 0,
  failures: {},
  elapsedMs: 0,
  interrupted: false,
};

/**
 * Rotates the keys of all records of a backend, with progress on standard error. Ctrl-C ends it after the batch under way.
 *
 * @throws what {@link checkKeysFit} and `rotateKeys()` do.
 */
export function runRotation(backend: RecordBackend, keyring: Keyring, batchSize: number): Promise<RotationReport> {
  return untilInterrupted(async (signal) => {
    const uses = await backend.keyUse();
    checkKeysFit(keyring, uses);
    let report = nothing;
    const rotate = async (onProgress: (done: number, total: number, leftMs?: number) => void): Promise<void> => {
      for await (const { estimatedMs, ...progress } of rotateKeys({ backend, keyring, batchSize, signal })) {
        report = { ...progress, interrupted: false };
        onProgress(Math.min(progress.resealed + progress.failed, progress.total), progress.total, estimatedMs);
      }
    };
    try {
      await shown('Sealing anew', rotate, true);
    } catch (error) {
      // a batch that failed of it failed as a whole
      if (await wasInterrupted(signal)) return { ...report, interrupted: true };
      if (!(error instanceof TokenkeepError)) throw error;
      const done = report.resealed === 0 ? '' : `; ${report.resealed} records are done, the next run does the rest`;
      throw new TokenkeepError(error.code, `${error.message}${done}`);
    }
    return { ...report, keys: await backend.keyUse() };
  });
}
