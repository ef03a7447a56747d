import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { quietEnvironment } from '../../scripts/quiet-environment.mjs';

const root = join(import.meta.dirname, '../..');

/** Runs a command-line tool at the root of the repository; resolves with how it ended, and never rejects. */
export function runTool(name: string, ...args: string[]): Promise<{ code: number; output: string; stdout: string }> {
  return new Promise((resolve) => {
    const options = { cwd: root, env: { ...quietEnvironment, NO_COLOR: '1' }, maxBuffer: 64 * 1024 * 1024 };
    execFile(name, args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 1;
      resolve({ code: error === null ? 0 : code, output: `${stdout}${stderr}${error?.code ?? ''}`, stdout });
    });
  });
}
