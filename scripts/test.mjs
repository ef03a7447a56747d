import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './ensure-dependencies.mjs';
import { ensurePrograms } from './ensure-programs.mjs';
import { programsFor } from './programs-for.mjs';
import { quietEnvironment } from './quiet-environment.mjs';
import { readCounts } from './read-counts.mjs';

// Everything that `npm test` does, from a fresh clone to the line with the counts. What follows `--` goes to vitest.
const args = process.argv.slice(2);
const options = {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...quietEnvironment, WRANGLER_LOG: 'warn' },
};

ensureDependencies();
ensurePrograms(programsFor(args));

console.log('Building the library and the page …');
const build = spawnSync('npm', ['run', '--silent', 'build'], { ...options, encoding: 'utf8' });
if (build.status !== 0) console.error(`The build failed.\n${build.stdout}${build.stderr}`);

console.log('Testing …');
const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-test-'));
const report = join(folder, 'report.json');
const vitest = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args];
const run = spawn('vitest', vitest, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
// vitest closes its browsers when it is told to end, and the counts are still printed. Ctrl-C reaches it by itself.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => run.kill('SIGTERM'));
const [status] = await once(run, 'close');

const { passed, failed, skipped } = readCounts(report, status === 0 && build.status === 0);
rmSync(folder, { recursive: true, force: true });
if (build.status !== 0) console.log('The build failed; its messages stand above the tests.');
process.exitCode = failed === 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
