import type { RecordBackend } from '../core/record-backend.ts';
import { indexedRows } from './indexed-rows.ts';
import { rowPlace } from './row-place.ts';
import { rowRecords } from './row-records.ts';

/** What {@link memoryBackend} can be told. */
export interface MemoryBackendOptions {
  /** The clock of the claims, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Keeps records in memory, for tests and for what need not outlive the process. To find or to write one takes as long
 * whatever their number.
 */
export function memoryBackend({ now = Date.now }: MemoryBackendOptions = {}): RecordBackend {
  return rowRecords(rowPlace(indexedRows()), now);
}
