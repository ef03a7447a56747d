import { readFileSync } from 'node:fs';

/**
 * The counts of a vitest run, from its JSON report. What is no test but went wrong counts as a failure, so that a run
 * that failed never reads as one that passed: a file that could not be loaded counts once, and so does a run that ended
 * badly (a crash, an error outside of any test), wrote no report, or ran no test at all.
 *
 * @param {string} path
 * @param {boolean} endedWell
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function readCounts(path, endedWell) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of readFiles(path)) {
    const before = counts.failed;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed++;
      else if (status === 'failed') counts.failed++;
      else counts.skipped++;
    }
    if (file.status === 'failed' && counts.failed === before) counts.failed++;
  }
  if (counts.failed === 0 && (!endedWell || counts.passed === 0)) counts.failed++;
  return counts;
}

/** @returns {{ status: string, assertionResults: { status: string }[] }[]} */
function readFiles(/** @type {string} */ path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults;
  } catch {
    return [];
  }
}
