import { describe, expect, test } from 'vitest';
import { type ListRow, listBackend } from '../../src/backends/list-backend.ts';
import { recordBackendContract } from '../../src/testing/index.ts';
import { eachTimeAnew } from '../support/each-time-anew.ts';

describe('the list backend', () => {
  const rows: ListRow[] = [];
  for (const { name, run } of recordBackendContract(() => listBackend(rows))) test(name, run);
});

describe('the list backend over rows that went through JSON after every operation', () => {
  let rows: ListRow[] = [];
  const read = new WeakSet<ListRow>();
  const throughJson = (row: ListRow): ListRow => {
    const again = read.has(row) ? row : (JSON.parse(JSON.stringify(row)) as ListRow);
    read.add(again);
    return again;
  };
  const backend = eachTimeAnew(listBackend([]).capabilities, async (work) => {
    const result = await work(listBackend(rows));
    rows = rows.map(throughJson);
    return result;
  });
  const fresh = () => {
    rows = [];
    return backend;
  };
  for (const { name, run } of recordBackendContract(fresh)) test(name, run);
});

test.each([undefined, null, {}, 'rows', Object.freeze([]), Object.seal([])])(
  'what is no array that can be changed is refused at once: %j',
  (rows) => {
    expect(() => listBackend(rows as ListRow[])).toThrow(expect.objectContaining({ code: 'E_CONFIG' }));
  },
);
