import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { RecordBackend } from '../../../src/core/record-backend.ts';
import type { EncryptedTokenStore } from '../../../src/store/encrypted-token-store.ts';
import type { FileChildAnswer, FileChildCall } from './file-child.ts';

/** A process that works on a file. A call rejects with an error that has the code, also when the process ends (`ENDED`). */
export interface FileChild {
  /** The methods of its store. */
  readonly store: EncryptedTokenStore;
  /** Those of its backend. */
  readonly backend: RecordBackend;
  /** Ends it as the system does: without a chance to tidy up. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** How a process is to be limited. */
export interface FileChildLimits {
  /** The user and group that it runs as. */
  readonly uid?: number;
  /** The largest file it may write, in blocks of 512 bytes. */
  readonly fileBlocks?: number;
}

const script = fileURLToPath(new URL('file-child.ts', import.meta.url));

/** Starts a process over the file; it ends with the test at the latest. Resolves when it is ready. */
export async function startFileChild(
  path: string,
  setting: string,
  { uid, fileBlocks }: FileChildLimits = {},
): Promise<FileChild> {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', script, path, setting] as const;
  const limited = ['sh', '-c', `ulimit -f ${fileBlocks}; exec "$0" "$@"`, ...node] as const;
  const [command, ...args] = fileBlocks === undefined ? node : limited;
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);

  const waiting = new Map<number, (answer: FileChildAnswer) => void>();
  let isGone = false;
  child.once('exit', () => {
    isGone = true;
    for (const [call, settle] of waiting) settle(ended(call));
  });
  let calls = 0;
  const methodsOf = <T>(target: FileChildCall['target']): T =>
    new Proxy(
      {},
      {
        get:
          (_, method) =>
          (...args: readonly unknown[]) =>
            new Promise((resolve, reject) => {
              const call = ++calls;
              const settle = (answer: FileChildAnswer): void => {
                if ('code' in answer) reject(Object.assign(new Error(answer.message), { code: answer.code }));
                else resolve(answer.result);
              };
              if (isGone) return settle(ended(call));
              waiting.set(call, settle);
              child.send({ call, target, method, args }, () => undefined);
            }),
      },
    ) as T;

  await new Promise<void>((resolve, reject) => {
    child.on('message', (answer: FileChildAnswer | 'ready') => {
      if (answer === 'ready') return resolve();
      waiting.get(answer.call)?.(answer);
      waiting.delete(answer.call);
    });
    child.once('exit', () => reject(new Error('the process ended before it was ready')));
    child.once('error', reject);
  });
  return { store: methodsOf('store'), backend: methodsOf('backend'), kill };
}

function ended(call: number): FileChildAnswer {
  return { call, code: 'ENDED', message: 'the process has ended' };
}
