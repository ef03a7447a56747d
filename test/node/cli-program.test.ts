import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cliKeyring, runTokenkeep } from '../support/run-tokenkeep.ts';
import { runTool } from '../support/run-tool.ts';
import { typescriptFile, zohoRow } from '../support/zoho-sources.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-program-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

describe('the program tokenkeep', () => {
  test('says what it can do, and which version it is', async () => {
    expect(await runTokenkeep(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
    const help = await runTokenkeep(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('import [options]') });
    expect(await runTokenkeep([])).toMatchObject({ code: 2, stderr: expect.stringContaining('see tokenkeep --help') });
    const unknown = await runTokenkeep(['nothing']);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('see tokenkeep --help') });
  });

  test.each([[[]], [['--from', 'x']], [['--from', 'x', '--to', 'file:y', '--nothing']]])(
    'leads from options that cannot be read to the help of the import: %j',
    async (args) => {
      const { code, stderr } = await runTokenkeep(['import', ...args]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/; see tokenkeep import --help\n$/);
    },
  );

  test('explains the import: places, secrets, outcomes, exit codes and examples', async () => {
    const { code, stdout } = await runTokenkeep(['import', '--help']);
    expect(code).toBe(0);
    for (const text of [
      'mysql://user@host:port/database?table=name',
      'TOKENKEEP_KEYRING',
      'TOKENKEEP_FROM_PASSWORD',
      'TOKENKEEP_TO_PASSWORD',
      'Nothing is written without --write',
      'tokenkeep keygen --keyring keyring.json\n  export TOKENKEEP_KEYRING',
      'tokens.txt                        the same, as --from only',
      'unchanged',
      '130  interrupted',
      'tokenkeep import --from sdk_tokens.txt --to file:tokens.tokenkeep --write',
    ]) {
      expect(stdout).toContain(text);
    }
    expect(stdout.split('\n').every((line) => line.length <= 120)).toBe(true);
  });

  test.each([40, 120])('shows a bar that fits a terminal of %i columns', async (columns) => {
    const rows = Array.from({ length: 30 }, (_, i) => zohoRow(`user${i}@example.com:60001`, { id: String(i) }));
    const source = join(folder, 'source');
    writeFileSync(source, typescriptFile(rows));
    const main = join(root, 'dist/cli/main.js');
    const command = `${process.execPath} ${main} import --from ${source} --to file:${join(folder, `target${columns}`)} --write`;
    const env = { PATH: process.env.PATH, TERM: 'xterm', TOKENKEEP_KEYRING: cliKeyring };
    // the program of util-linux that runs another one on a terminal of its own
    const child = spawn('script', ['-qec', `stty cols ${columns}; ${command}`, '/dev/null'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
    });
    expect((await once(child, 'close'))[0]).toBe(0);
    expect(shown).toMatch(/Importing [█░]+ 30 of 30/);
    expect(shown).toMatch(/Verifying [█░]+ 30 of 30/);
    const bars = shown.match(/(Importing|Verifying) [█░]+ \P{Cc}*/gu) ?? [];
    for (const bar of bars) expect(bar).toMatch(/^\w+ [█░]{1,40} \d+ of 30$/);
    expect(Math.max(...bars.map((bar) => bar.length))).toBeLessThan(columns);
    expect(shown).toContain('30 as written');
    expect(shown).not.toContain('user1@example');
  });

  test('can be run by npx once the package is installed', { timeout: 60_000 }, async () => {
    const packed = await runTool('npm', 'pack', '--ignore-scripts', '--pack-destination', folder);
    expect(packed.code, packed.output).toBe(0);
    // as `npm install` lays it out, with what is installed here for its dependencies
    const modules = join(folder, 'application/node_modules');
    mkdirSync(join(modules, 'tokenkeep'), { recursive: true });
    await runTool(
      'tar',
      '-xzf',
      join(folder, `tokenkeep-${version}.tgz`),
      '--strip-components=1',
      '-C',
      join(modules, 'tokenkeep'),
    );
    for (const name of ['commander', 'cli-progress', 'csv-parse'])
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
    const manifest = { name: 'application', version: '1.0.0', dependencies: { tokenkeep: version } };
    writeFileSync(join(folder, 'application/package.json'), JSON.stringify(manifest));
    const linked = await runTool('npm', 'rebuild', '--prefix', join(folder, 'application'), '--ignore-scripts');
    expect(existsSync(join(modules, '.bin/tokenkeep')), linked.output).toBe(true);
    const { code, output } = await runTool(
      'npx',
      '--no',
      '--prefix',
      join(folder, 'application'),
      'tokenkeep',
      '--version',
    );
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(version) });
    const main = join(modules, 'tokenkeep/dist/cli/main.js');
    const mysql = ['import', '--from', 'mysql://db.example', '--to', 'file:x'];
    const without = await runTokenkeep(mysql, { main });
    expect(without).toMatchObject({
      code: 4,
      stderr: '--from: mysql2 is not installed; run npm install mysql2 beside tokenkeep\n',
    });
  });
});
