import type { TestProject } from 'vitest/node';
import { startMariadb } from './mariadb-server.ts';

/** Starts one MariaDB for all tests of a run, which `inject` it; resolves with what stops it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Nothing here has to outlast a loss of power.
  const server = await startMariadb(['--innodb-flush-log-at-trx-commit=0']);
  project.provide('mariadb', server.address);
  return server.stop;
}
