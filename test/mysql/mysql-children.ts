import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { MysqlServer } from '../../src/backends/node/mysql-backend.ts';
import type { MysqlJobs } from './mysql-child.ts';

/** Processes that work on one table. */
export interface MysqlChildren {
  /** Gives every process a job of this kind, with what `args` says for the n-th, all at once; resolves with what they say. */
  all<Job extends keyof MysqlJobs>(
    job: Job,
    args: (n: number) => Parameters<MysqlJobs[Job]>,
  ): Promise<readonly Awaited<ReturnType<MysqlJobs[Job]>>[]>;
}

const script = fileURLToPath(new URL('mysql-child.ts', import.meta.url));

/** Starts processes, each with a pool of its own. They end with the test. */
export async function startMysqlChildren(
  count: number,
  settings: MysqlServer & { readonly table?: string },
  keyring: string,
): Promise<MysqlChildren> {
  const start = async (): Promise<ChildProcess> => {
    const child = fork(script, [JSON.stringify(settings), keyring]);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'message');
    return child;
  };
  const children = await Promise.all(Array.from({ length: count }, start));
  return {
    all: (job, args) =>
      Promise.all(
        children.map(async (child, n) => {
          child.send([job, args(n)]);
          const [said] = (await once(child, 'message')) as [{ result?: never; error?: string }];
          if (said.error !== undefined) throw new Error(said.error);
          return said.result as never;
        }),
      ),
  };
}
