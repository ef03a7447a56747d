import { codeLines } from './code-texts.ts';
import { printable } from './printable.ts';
import type { ScrubReport } from './run-scrub.ts';

/** How many findings are named one by one; the rest is counted, and named by `--json`. */
const named = 100;

/** The report of a scrub for a person. */
export function scrubText(report: ScrubReport, repair: boolean): string {
  const { checked, found, repaired, findings, interrupted } = report;
  const lines = [`${checked} records opened; ${findings.length === 0 ? 'nothing is wrong' : 'something is wrong'}.`];
  if (findings.length > 0) lines.push(...codeLines(found), '');
  for (const { partition, id, code, fields, repaired: isRepaired } of findings.slice(0, named)) {
    const wrong = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
    lines.push(`${printable(partition)} ${printable(id)}: ${code}${wrong}${isRepaired ? ', repaired' : ''}`);
  }
  if (findings.length > named) lines.push(`And ${findings.length - named} more; --json names them all.`);
  if (repair && findings.length > 0) lines.push('', `Repaired: ${repaired} of ${findings.length}.`);
  else if (findings.some(({ fields }) => fields.length > 0)) {
    lines.push('', 'What names fields opens, and --repair seals it anew.');
  }
  if (interrupted) lines.push('', 'Interrupted: the other records were not looked at.');
  return lines.map((line) => `${line}\n`).join('');
}
