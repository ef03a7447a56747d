import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { failures } from '../support/failures.ts';
import { findTraces } from '../support/find-traces.ts';

test('case 62: util.inspect, however deep, shows no secret of an error, a store, a keyring, a source or a backend', async () => {
  const { secrets, errors, objects } = await failures();
  for (const object of [...errors, ...objects]) {
    const printed = inspect(object, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });
    expect(printed.length).toBeGreaterThan(5);
    expect(findTraces(new TextEncoder().encode(printed), secrets)).toEqual([]);
  }
});
