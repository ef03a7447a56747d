import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findPrograms } from '../../scripts/find-programs.mjs';
import { programsFor } from '../../scripts/programs-for.mjs';
import { readCounts } from '../../scripts/read-counts.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A report as vitest writes it, one array of outcomes for each file. */
function report(...files: { status: 'passed' | 'failed'; tests: string[] }[]): string {
  const path = join(folder, 'report.json');
  const testResults = files.map(({ status, tests }) => ({
    status,
    assertionResults: tests.map((outcome) => ({ status: outcome })),
  }));
  writeFileSync(path, JSON.stringify({ testResults }));
  return path;
}

describe('the last line of npm test', () => {
  test('counts what passed, failed and was skipped, over all files', () => {
    const path = report(
      { status: 'failed', tests: ['passed', 'failed', 'pending', 'todo', 'skipped'] },
      { status: 'passed', tests: ['passed', 'passed'] },
    );
    expect(readCounts(path, false)).toEqual({ passed: 3, failed: 1, skipped: 3 });
  });

  test('has no failure only when every test passed and the run ended well', () => {
    const path = report({ status: 'passed', tests: ['passed'] });
    expect(readCounts(path, true)).toEqual({ passed: 1, failed: 0, skipped: 0 });
  });

  test('counts a file that could not be loaded', () => {
    const path = report({ status: 'passed', tests: ['passed'] }, { status: 'failed', tests: [] });
    expect(readCounts(path, false)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  test('counts a file whose set-up or clean-up failed, even if its tests passed', () => {
    const path = report({ status: 'failed', tests: ['passed'] });
    expect(readCounts(path, false)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  test('counts a run that ended badly although every test passed', () => {
    const path = report({ status: 'passed', tests: ['passed'] });
    expect(readCounts(path, false).failed).toBe(1);
  });

  test('counts a run without any test, and one without a report', () => {
    expect(readCounts(report(), true).failed).toBe(1);
    expect(readCounts(report({ status: 'passed', tests: ['skipped'] }), true).failed).toBe(1);
    expect(readCounts(join(folder, 'absent.json'), true).failed).toBe(1);
  });
});

describe('the programs that npm test asks for', () => {
  test('are all of them when no project is chosen, or one that is not known', () => {
    const mariadb = ['mariadb', 'mariadbInstall', 'mariadbDefaults'];
    const all = ['chromium', 'firefox', 'webkitDriver', 'xvfb', ...mariadb];
    expect(programsFor([])).toEqual(all);
    expect(programsFor(['test/unit'])).toEqual(all);
    expect(programsFor(['--project', 'node', '--project', 'fire*'])).toEqual(all);
    expect(programsFor(['--project'])).toEqual(all);
  });

  test('are those of the chosen projects', () => {
    expect(programsFor(['--project', 'node', '--project=workerd'])).toEqual([]);
    expect(programsFor(['--project=webkit'])).toEqual(['webkitDriver', 'xvfb']);
    expect(programsFor(['--project=mysql'])).toEqual(['mariadb', 'mariadbInstall', 'mariadbDefaults']);
    expect(programsFor(['--project', 'e2e', '--project', 'chromium', 'test/unit'])).toEqual(['chromium']);
  });

  test('can be named by the environment, and count as missing when they cannot be run', () => {
    expect(findPrograms({ CHROME_PATH: process.execPath }).chromium).toBe(process.execPath);
    expect(findPrograms({ FIREFOX_PATH: join(folder, 'nowhere') }).firefox).toBeUndefined();
    expect(findPrograms({ PATH: folder })).toMatchObject({
      webkitDriver: undefined,
      xvfb: undefined,
      mariadbInstall: undefined,
    });
  });
});
