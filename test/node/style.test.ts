import { expect, test } from 'vitest';
import { runTool } from '../support/run-tool.ts';

test('every file is formatted and passes the linter, warnings included', { timeout: 60_000 }, async () => {
  const { code, output } = await runTool('biome', 'ci', '--error-on-warnings', '--colors=off', '.');
  expect(code, output).toBe(0);
});
