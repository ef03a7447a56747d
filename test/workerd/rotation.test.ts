import { env } from 'cloudflare:workers';
import { beforeEach, describe, test } from 'vitest';
import { d1Backend } from '../../src/backends/d1-backend.ts';
import { kvBackend } from '../../src/backends/kv-backend.ts';
import { checksFor, rotationChecks } from '../support/rotation-checks.ts';
import { rotationCrashes } from '../support/rotation-crashes.ts';
import { rotationRaces } from '../support/rotation-races.ts';
import { scrubChecks } from '../support/scrub-checks.ts';

const checks = [...rotationChecks, ...rotationRaces, ...rotationCrashes, ...scrubChecks];

describe('a rotation in D1', () => {
  beforeEach(async () => void (await env.DB.prepare('DELETE FROM tokenkeep_record').run()));

  for (const { name, run } of checksFor(checks, true)) test(name, () => run(() => d1Backend(env.DB)));
});

describe('a rotation in KV', () => {
  beforeEach(async () => {
    const { keys } = await env.KV.list();
    await Promise.all(keys.map(({ name }) => env.KV.delete(name)));
  });

  for (const { name, run } of checksFor(checks, false)) test(name, () => run(() => kvBackend(env.KV)), 60_000);
});
