import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { quietEnvironment } from '../quiet-environment.mjs';

/** A program and all its descendants. */
export interface ProcessGroup {
  /** The last of what it printed. */
  output(): string;
  /** Resolves when the program ends, for whatever reason. */
  readonly end: Promise<void>;
  /** Ends the program and its descendants, those that do not want to included. */
  stop(): Promise<void>;
}

/** Starts a program of node_modules in a process group of its own: Ctrl-C in a terminal does not reach it, `stop` does. */
export function startProcessGroup(folder: string, name: string, args: readonly string[]): ProcessGroup {
  const child = spawn(name, args, {
    cwd: folder,
    env: quietEnvironment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-8_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const end = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const signal = (kind: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, kind);
    } catch {
      // Nobody of the group is left.
    }
  };
  return {
    output: () => output,
    end,
    async stop() {
      signal('SIGTERM');
      await Promise.race([end, pause(5_000)]);
      signal('SIGKILL');
      await end;
    },
  };
}
