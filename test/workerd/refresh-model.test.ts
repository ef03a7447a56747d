import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { type D1Like, d1Backend } from '../../src/backends/d1-backend.ts';
import { recordSql } from '../../src/backends/record-sql.ts';
import { brokenVariants } from '../support/refresh-model/broken-variants.ts';
import { checkPlans } from '../support/refresh-model/check-plans.ts';
import type { Setting } from '../support/refresh-model/run-plan.ts';
import { testKeyring } from '../support/test-keyring.ts';
import { virtualClockD1 } from './virtual-clock-d1.ts';

const extent = { runs: 300, maxSteps: 60 };
const timeout = 120_000;
const keyring = await testKeyring();
let tenants = 0;
const setting = (): Setting => ({
  keyring,
  backend: (now) => d1Backend(virtualClockD1(env.DB, now)),
  tenant: `model-${++tenants}`,
});

test('on D1, too, no schedule loses a token, sends it too often or overwrites it, and everybody is answered', {
  timeout,
}, async () => {
  const replay = import.meta.env.VITE_REFRESH_MODEL;
  const { violation, runs, safe } = await checkPlans(setting, extent, { replay });
  expect(violation).toBeUndefined();
  if (replay === undefined) expect([runs, safe > extent.runs / 5]).toEqual([extent.runs, true]);
});

test.each(brokenVariants.slice(0, 2))('schedules on D1 find out %s', { timeout }, async (_, broken) => {
  const { violation } = await checkPlans(() => ({ ...setting(), ...broken }), extent, { shrinks: false });
  expect(violation).toContain('VITE_REFRESH_MODEL');
});

test('the virtual clock is the only one that the claims on D1 know', async () => {
  let time = 1_795_000_000_123;
  const { results } = await virtualClockD1(env.DB, () => time)
    .prepare("SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS revision")
    .bind()
    .all();
  expect(results[0]?.revision).toBe(time);
  time = 0;
  const statements = [recordSql.claim, recordSql.release, recordSql.get, recordSql.update, recordSql.due];
  const clocks = /unixepoch|CURRENT_TIME|julianday|datetime|strftime|'now'/g;
  const seen: string[] = [];
  const prepare: D1Like['prepare'] = (sql) => {
    seen.push(sql);
    return env.DB.prepare(sql);
  };
  for (const sql of statements)
    virtualClockD1({ prepare, batch: (batch) => env.DB.batch(batch as D1PreparedStatement[]) }, () => time).prepare(
      sql,
    );
  expect(seen).toHaveLength(statements.length);
  expect(seen.join('\n').match(clocks)).toBeNull();
});
