import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';

/** How `tokenkeep` ended, and all that it said. */
export interface TokenkeepRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The keyring of all runs, unless one has another in its environment. */
export const cliKeyring: string = await generateKeyring();

const main = join(import.meta.dirname, '../../dist/cli/main.js');

/** Starts the built `tokenkeep` with these arguments. */
export function startTokenkeep(
  args: readonly string[],
  { env, ...options }: SpawnOptions = {},
): { readonly child: ChildProcess; readonly ended: Promise<TokenkeepRun> } {
  const environment = { PATH: process.env.PATH, TOKENKEEP_KEYRING: cliKeyring, ...env };
  const child = spawn(process.execPath, [main, ...args], { stdio: 'pipe', ...options, env: environment });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }));
  return { child, ended };
}

/** Runs it to its end. */
export function runTokenkeep(args: readonly string[], options: SpawnOptions = {}): Promise<TokenkeepRun> {
  return startTokenkeep(args, options).ended;
}
