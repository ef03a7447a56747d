import type { Reporter, TestModule } from 'vitest/node';
import type { Figure } from './figure.ts';

/** Prints what the benchmarks found, as one table. */
export const figuresReporter: Reporter = {
  onTestModuleEnd(module: TestModule) {
    console.log(`${module.project.name}: ${module.relativeModuleId} done`);
  },
  onTestRunEnd(modules) {
    const rows: Figure[] = [];
    // in the same order in every run, whichever ended first
    const sorted = modules.toSorted((a, b) => a.relativeModuleId.localeCompare(b.relativeModuleId));
    for (const module of sorted) {
      for (const test of module.children.allTests()) {
        rows.push(...(test.meta().figures ?? []));
        for (const error of test.result().errors ?? []) console.error(`${test.fullName}: ${error.message}`);
      }
    }
    const columns = ['name', 'value', 'target', 'note'] as const;
    const titles: Figure = { name: 'figure', value: 'found', target: 'target at most', note: '' };
    const widths = columns.map((column) => Math.max(...[titles, ...rows].map((row) => (row[column] ?? '').length)));
    console.log('');
    for (const row of [titles, ...rows]) {
      console.log(
        columns
          .map((column, i) => (row[column] ?? '').padEnd(widths[i] as number))
          .join('  ')
          .trimEnd(),
      );
    }
  },
};
