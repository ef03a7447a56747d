/**
 * Mutation testing: does some test fail when a piece of the code is altered? docs/testing.md tells how to read the answer.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  mutate: ['src/{crypto,store,vault,manager}/**/*.ts'],
  // Tests assert codes, not sentences: a changed sentence is no fault that they should find.
  mutator: { excludedMutations: ['StringLiteral'] },
  coverageAnalysis: 'perTest',
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  jsonReporter: { fileName: 'reports/mutation/mutation.json' },
  htmlReporter: { fileName: 'reports/mutation/mutation.html' },
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
  // Whoever measures time is slow beside other work: only a loop without end should count as a timeout.
  timeoutMS: 10_000,
  // What the tests of these folders do not need in the copy that is altered.
  ignorePatterns: [
    'dist',
    'coverage',
    'reports',
    '.wrangler',
    '.dev.vars',
    'bench',
    'docs',
    'examples',
    'web-demo',
    'worker',
  ],
  // TypeScript 7 has no programming interface with which Stryker could rewrite tsconfig.json.
  tsconfigFile: 'none.json',
};
