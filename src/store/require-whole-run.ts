import type { RecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';

/**
 * What work on all records of a backend needs.
 *
 * @param soleWriter whether the caller promises that nobody else writes meanwhile.
 * @throws `E_INPUT` when the batch size is no positive whole number; `E_UNSUPPORTED` without compare-and-set and without that promise.
 */
export function requireWholeRun({ capabilities }: RecordBackend, batchSize: number, soleWriter: boolean): void {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new TokenkeepError('E_INPUT', 'batchSize is not a positive whole number; leave it out for 100');
  }
  if (!capabilities.compareAndSet && !soleWriter) {
    throw new TokenkeepError(
      'E_UNSUPPORTED',
      'this backend has no compare-and-set; stop all that writes to it, then promise so with soleWriter',
    );
  }
}
