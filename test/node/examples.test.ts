import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runTool } from '../support/run-tool.ts';

const expected: { readonly [name: string]: readonly string[] } = {
  'own-backend': [`a backend of one's own keeps`],
  'rotate-keys': ['found while both keys are in use: true', 'need the old key: 0', 'without the old key: 250'],
  stores: ['file: found true', 'SQLite file: found true', 'list: found true', 'map: found true', 'in the clear: 0'],
  'zoho-client': ['called the API: 200', 'after the hour: refreshed', 'signed out: revoked, 0 tokens left'],
  'zoho-sdk': ['the SDK called the API: 200', 'knows it as the same', 'removed: 0 tokens left'],
};

test.each(Object.entries(expected))('the example %s does what it says', { timeout: 60_000 }, async (name, lines) => {
  const { code, output } = await runTool('node', 'scripts/example.ts', name);
  expect(code, output).toBe(0);
  for (const line of lines) expect(output).toContain(line);
});

test('every example is run here', () => {
  const files = readdirSync(join(import.meta.dirname, '../../examples')).filter((file) => file.endsWith('.ts'));
  expect(files.sort()).toEqual([...Object.keys(expected), 'zoho-settings'].map((name) => `${name}.ts`).sort());
});
