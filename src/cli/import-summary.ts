import type { ImportReport } from '../importer/import-report.ts';
import type { VerificationReport } from '../importer/verify-import.ts';

/** All there is to say of an import. */
export interface ImportSummary {
  /** Whether it was none of a dry run. */
  readonly wrote: boolean;
  /** What the numbers of rows count. */
  readonly numbering: 'line' | 'row';
  readonly report: ImportReport;
  /** Absent when nothing was written, or the import ended before it was done. */
  readonly verification?: VerificationReport;
}
