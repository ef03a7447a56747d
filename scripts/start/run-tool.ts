import { spawn } from 'node:child_process';
import { quietEnvironment } from '../quiet-environment.mjs';

/**
 * Runs a program of node_modules to its end.
 *
 * @throws an error with the program's output when it fails.
 */
export function runTool(root: string, name: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...quietEnvironment, NODE_ENV: 'production' };
    const child = spawn(name, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], signal });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`\`${[name, ...args].join(' ')}\` failed:\n${output}`));
    });
  });
}
