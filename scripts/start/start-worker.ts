import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { quietEnvironment } from '../quiet-environment.mjs';

/** What `wrangler dev` is started with. */
export interface WorkerOptions {
  readonly root: string;
  readonly port: number;
  readonly inspectorPort: number;
  readonly stateFolder: string;
  readonly secretsFile: string;
  readonly vars: { readonly [name: string]: string };
  readonly signal: AbortSignal;
  /** Called when the worker ends without having been stopped, with the last of what it printed. */
  readonly stopped: (output: string) => void;
}

/** A worker that answers. */
export interface RunningWorker {
  stop(): Promise<void>;
}

const patienceMs = 60_000;

/** Starts the worker in workerd with local D1 and KV, and resolves when it answers. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { root, port, inspectorPort, stateFolder, secretsFile, vars, signal, stopped } = options;
  const args = [
    'dev',
    '--local',
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--inspector-port',
    String(inspectorPort),
  ];
  args.push('--persist-to', stateFolder, '--env-file', secretsFile, '--show-interactive-dev-session=false');
  for (const [name, value] of Object.entries(vars)) args.push('--var', `${name}:${value}`);
  // A process group of its own: Ctrl-C in a terminal does not reach it, and it ends as a whole, workerd included.
  const child = spawn('wrangler', args, {
    cwd: root,
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
  let ended = false;
  const exit = new Promise<void>((resolve) => {
    const end = (): void => {
      ended = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const killGroup = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // The group is gone already.
    }
  };
  const stop = async (): Promise<void> => {
    killGroup('SIGTERM');
    await Promise.race([exit, pause(5_000)]);
    killGroup('SIGKILL');
    await exit;
  };

  const deadline = Date.now() + patienceMs;
  while (!(await answers(port))) {
    if (!ended && !signal.aborted && Date.now() < deadline) {
      await pause(100);
      continue;
    }
    await stop();
    throw new Error(signal.aborted ? 'Starting was broken off.' : `The worker did not start:\n${output}`);
  }
  let wanted = true;
  void exit.then(() => wanted && stopped(output));
  return {
    stop: () => {
      wanted = false;
      return stop();
    },
  };
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/icon.svg`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
