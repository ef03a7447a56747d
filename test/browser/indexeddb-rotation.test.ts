import { describe, test } from 'vitest';
import { indexedDbBackend } from '../../src/backends/indexeddb-backend.ts';
import { checksFor, rotationChecks } from '../support/rotation-checks.ts';
import { rotationCrashes } from '../support/rotation-crashes.ts';
import { rotationRaces } from '../support/rotation-races.ts';
import { scrubChecks } from '../support/scrub-checks.ts';

const checks = checksFor([...rotationChecks, ...rotationRaces, ...rotationCrashes, ...scrubChecks], true);

describe('a rotation in IndexedDB, with several connections,', () => {
  for (const { name, run } of checks) {
    test(name, () => {
      const database = crypto.randomUUID();
      const connections = Array.from({ length: 3 }, () => indexedDbBackend({ name: database }));
      let next = 0;
      return run(() => connections[next++ % 3] as (typeof connections)[number]);
    });
  }
});
