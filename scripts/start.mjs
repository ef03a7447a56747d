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
  // The last one is closed when this process ends, however it ends: then the child stops everything too.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
// Ctrl-C reaches both processes, a signal to this one alone is passed on; either way the child stops everything first.
const stop = () => child.kill('SIGTERM');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
child.on('exit', (code) => process.exit(code ?? 1));

// npm passes a signal to its shell, which ends without telling us: we notice that our parent is another one.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) stop();
}, 500).unref();
