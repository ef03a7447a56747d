import { type ChildProcess, spawn } from 'node:child_process';
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

/** How it is started. */
export interface TokenkeepOptions {
  /** Variables of its environment, beside the keyring. */
  readonly env?: NodeJS.ProcessEnv;
  /** A command that takes another one to run, with the arguments that stand before it. */
  readonly through?: readonly string[];
  /** What it reads from standard input. Default nothing. */
  readonly input?: string;
  /** Where it is started. Default here. */
  readonly cwd?: string;
  /** Whether it and what it starts are a group of processes, which a terminal's Ctrl-C goes to as a whole. */
  readonly detached?: boolean;
  /** The program. Default the one that was built here. */
  readonly main?: string;
}

/** The keyring of all runs, unless one has another in its environment. */
export const cliKeyring: string = await generateKeyring();

const built = join(import.meta.dirname, '../../dist/cli/main.js');

/** Starts the built `tokenkeep` with these arguments. */
export function startTokenkeep(
  args: readonly string[],
  { env, through = [], input = '', cwd, detached, main = built }: TokenkeepOptions = {},
): { readonly child: ChildProcess; readonly ended: Promise<TokenkeepRun> } {
  const environment = { PATH: process.env.PATH, TOKENKEEP_KEYRING: cliKeyring, ...env };
  const [command, ...all] = [...through, process.execPath, main, ...args];
  const child = spawn(command as string, all, { stdio: 'pipe', env: environment, cwd, detached });
  // one that ends without reading it closes the pipe
  child.stdin?.on('error', () => undefined).end(input);
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
export function runTokenkeep(args: readonly string[], options: TokenkeepOptions = {}): Promise<TokenkeepRun> {
  return startTokenkeep(args, options).ended;
}
