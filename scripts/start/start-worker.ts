import { setTimeout as pause } from 'node:timers/promises';
import { startProcessGroup } from './process-group.ts';

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
  readonly onEnd: (output: string) => void;
}

/** A worker that answers. */
export interface RunningWorker {
  stop(): Promise<void>;
}

const patienceMs = 60_000;

/** Starts the worker in workerd with local D1 and KV, and resolves when it answers. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { root, port, inspectorPort, stateFolder, secretsFile, vars, signal, onEnd } = options;
  const args = [
    'dev --local --show-interactive-dev-session=false --ip 127.0.0.1'.split(' '),
    ['--port', String(port), '--inspector-port', String(inspectorPort)],
    ['--persist-to', stateFolder, '--env-file', secretsFile],
    ...Object.entries(vars).map(([name, value]) => ['--var', `${name}:${value}`]),
  ];
  const group = startProcessGroup(root, 'wrangler', args.flat());
  let ended = false;
  void group.end.then(() => {
    ended = true;
  });
  try {
    for (const deadline = Date.now() + patienceMs; !(await answers(port)); await pause(100)) {
      signal.throwIfAborted();
      if (ended || Date.now() > deadline) throw new Error(`The worker did not start:\n${group.output()}`);
    }
  } catch (error) {
    await group.stop();
    throw error;
  }
  let stopped = false;
  void group.end.then(() => stopped || onEnd(group.output()));
  return {
    stop: () => {
      stopped = true;
      return group.stop();
    },
  };
}

/**
 * Whether the page is there.
 *
 * @throws an error with the worker's own words when a setting is wrong, which waiting would not cure.
 */
async function answers(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/icon.svg`, { signal: AbortSignal.timeout(2_000) }).catch(
    () => undefined,
  );
  const body = await response?.text();
  if (response?.status === 503) throw new Error(`The worker is not configured: ${body}`);
  return response?.ok === true;
}
