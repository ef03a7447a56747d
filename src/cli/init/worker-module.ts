import { readFileSync } from 'node:fs';

/** The module that a worker is given, which its owner may change as they like: the example of this package. */
export function workerModule(): string {
  return readFileSync(new URL('../../../examples/worker/tokenkeep.ts', import.meta.url), 'utf8');
}
