import type { RowReport } from '../importer/import-report.ts';
import type { ImportSummary } from './import-summary.ts';

/** How many rows are named one by one; the rest is counted, and named by `--json`. */
const namedRows = 100;

/** The report for a person. */
export function reportText({ wrote, numbering, report, verification }: ImportSummary): string {
  const { rows, outcomes, remarks, interrupted } = report;
  const { imported, updated, merged, unchanged, kept, skipped } = outcomes;
  const isCompared = report.failure === undefined || imported + updated + unchanged + kept > 0;
  const table = [
    wrote
      ? `${rowsOf(rows)} in the source:`
      : `Dry run: nothing was written. With --write, of ${rowsOf(rows)} in the source:`,
    count('imported', imported, 'new in the target'),
    count('updated', updated, 'the target had an older token'),
    count('merged', merged, 'into another row of the same user'),
    count('unchanged', unchanged, 'the target has them already'),
    count('kept', kept, 'the target has a newer or another token, which was left as it is'),
    count('skipped', skipped, 'see below'),
  ];
  const lines = isCompared ? table : [];
  if (isCompared && remarks.length > 0) lines.push('');
  lines.push(...remarks.slice(0, namedRows).map((row) => `${remark(row, numbering)}.`));
  const unnamed = remarks.length - namedRows;
  if (unnamed > 0) lines.push(`And ${unnamed} more; --json names them all.`);
  if (verification !== undefined) {
    const { verified, overtaken, mismatches } = verification;
    lines.push('', `Read again and compared: ${verified} as written, ${overtaken} saved by somebody else since.`);
    if (mismatches.length > 0) {
      const list = mismatches.slice(0, namedRows).join(', ');
      lines.push(`NOT as written: ${mismatches.length}, of ${numbering} ${list}. Do not use the target.`);
    }
  }
  if (interrupted) lines.push('', 'Interrupted. Run the same command again to go on; what is done is not done twice.');
  else if (!wrote && report.failure === undefined) lines.push('', 'Run the same command with --write to import.');
  return lines.map((line) => `${line}\n`).join('');
}

function rowsOf(count: number): string {
  return `${count} ${count === 1 ? 'row' : 'rows'}`;
}

function count(what: string, number: number, explanation: string): string {
  return `${String(number).padStart(8)}  ${what.padEnd(9)}  ${number > 0 ? explanation : ''}`.trimEnd();
}

function remark({ row, outcome, reason, notes = [], others = [] }: RowReport, numbering: string): string {
  const said = [
    ...(reason === undefined ? [] : [reason]),
    ...notes,
    ...(others.length === 0 ? [] : [`same user as ${numbering} ${others.slice(0, namedRows).join(', ')}`]),
  ];
  return `${numbering} ${row}, ${outcome}: ${said.join('; ')}`;
}
