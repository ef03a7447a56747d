import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './ensure-dependencies.mjs';
import { quietEnvironment } from './quiet-environment.mjs';

// Everything that `npm start` does before the Node 24 of node_modules can take over.
ensureDependencies();

const root = fileURLToPath(new URL('..', import.meta.url));
const child = spawn('node', [join(root, 'scripts', 'start', 'main.ts'), ...process.argv.slice(2)], {
  cwd: root,
  env: quietEnvironment,
  stdio: 'inherit',
});
// Ctrl-C reaches both processes, a signal to this one alone is passed on; either way the child stops everything first.
process.on('SIGINT', () => child.kill('SIGINT'));
process.on('SIGTERM', () => child.kill('SIGTERM'));
process.on('SIGHUP', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
