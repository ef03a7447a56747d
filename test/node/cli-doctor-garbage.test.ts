import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { examine } from '../../src/cli/doctor/examine.ts';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { planInit } from '../../src/cli/init/plan-init.ts';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { soundFiles, soundSettings, workerProject, writeProject } from '../support/worker-project.ts';

const sentinel = 'SENTINEL-of-a-value';
const keyring = await generateKeyring();
const [, key = ''] = /"k":"([^"]+)"/.exec(keyring) ?? [];
const runs = 45;

/** Any text that a person, a program or a disk could have left, often with something secret in it. */
const garbage = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string().map((text) => `${text}${sentinel}`),
  fc.json(),
  fc.constantFrom(
    '',
    '\0',
    '\uFEFF{}',
    '['.repeat(100_000),
    'a = [['.repeat(500),
    `"${sentinel}`,
    keyring,
    `{"a":${keyring}`,
  ),
  fc.tuple(fc.string(), fc.nat()).map(([text, at]) => {
    const whole = JSON.stringify(soundSettings);
    return whole.slice(0, at % whole.length) + text + sentinel + whole.slice(at % whole.length);
  }),
);

/** A value of the wrong kind for most settings. */
const value = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -1,
    '',
    sentinel,
    `https://${sentinel}.example`,
    keyring,
    '\0',
    '../..',
    [],
    {},
  ),
  fc.jsonValue(),
  fc.array(fc.dictionary(fc.constantFrom('binding', 'database_id', 'migrations_dir', 'id'), fc.constant(sentinel))),
);

/** Every table that the doctor looks into, with anything in it. */
const settings = fc.record(
  {
    ...Object.fromEntries(
      [
        'name',
        'main',
        'compatibility_date',
        'compatibility_flags',
        'routes',
        'route',
        'workers_dev',
        'kv_namespaces',
      ].map((name) => [name, value]),
    ),
    d1_databases: fc.oneof(
      value,
      fc.array(fc.record({ binding: value, database_id: value, migrations_dir: value, migrations_table: value })),
    ),
    vars: fc.oneof(
      value,
      fc.dictionary(
        fc.constantFrom(
          'OAUTH_ISSUER',
          'OAUTH_CLIENT_ID',
          'API_ORIGIN',
          'PUBLIC_ORIGIN',
          'TOKEN_BACKEND',
          'MY_SECRET',
          'A',
        ),
        value,
      ),
    ),
    triggers: fc.oneof(value, fc.record({ crons: value })),
    assets: fc.oneof(value, fc.record({ run_worker_first: value, not_found_handling: value })),
    observability: fc.oneof(value, fc.record({ enabled: value, logs: fc.oneof(value, fc.record({ enabled: value })) })),
    env: fc.oneof(value, fc.dictionary(fc.constantFrom('live', '__proto__'), value)),
  },
  { requiredKeys: [] },
);

/** The doctor answers with findings, and shows nothing that is anybody's. */
async function expectFindings(folder: string, environment?: string): Promise<readonly Finding[]> {
  const findings = await examine({ folder, environment, remote: false });
  expect(findings.length).toBeGreaterThan(0);
  const text = JSON.stringify(findings);
  expect(text).not.toContain(sentinel);
  expect(text).not.toContain(key);
  return findings;
}

/** So does the plan, but for what it writes: it throws an error of ours or none. */
async function expectPlan(folder: string): Promise<void> {
  const plan = await planInit(folder).catch((error: Error) => error);
  if (plan instanceof Error) {
    expect(plan.name).toBe('TokenkeepError');
    expect(plan.message).not.toContain(sentinel);
  } else {
    for (const { message, lines } of plan.remarks) expect(`${message}${lines.join()}`).not.toContain(sentinel);
  }
}

describe('garbage in a project', () => {
  test.each([
    'wrangler.jsonc',
    'wrangler.toml',
    '.dev.vars',
    'package.json',
    '.gitignore',
    'src/index.ts',
    'sql/0001_records.sql',
  ])('in %s gives findings, never a crash, and is not quoted', async (path) => {
    const folder = workerProject(soundFiles);
    const config = path === 'wrangler.toml' ? {} : { 'wrangler.jsonc': JSON.stringify(soundSettings) };
    await fc.assert(
      fc.asyncProperty(garbage, async (text) => {
        writeProject(folder, { ...config, [path]: text });
        await expectFindings(folder);
        await expectPlan(folder);
      }),
      { numRuns: runs / 3 },
    );
  });

  test('in any setting gives findings, never a crash, and is not quoted', async () => {
    const folder = workerProject(soundFiles);
    await fc.assert(
      fc.asyncProperty(settings, fc.constantFrom(undefined, 'live', '__proto__'), async (values, environment) => {
        writeProject(folder, { 'wrangler.jsonc': JSON.stringify(values) });
        await expectFindings(folder, environment);
        await expectPlan(folder);
      }),
      { numRuns: runs },
    );
  });

  test('as bytes that are no text, or a folder in place of a file, is told as such', async () => {
    const folder = workerProject({ ...soundFiles, 'wrangler.toml/inner': '', '.dev.vars': undefined });
    writeProject(folder, { '.dev.vars/inner': '', 'package.json': '\uD800' });
    const findings = await expectFindings(folder);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'config', status: 'problem' }));
    expect(findings).toContainEqual(expect.objectContaining({ check: 'keyring', status: 'problem' }));
    expect(await examine({ folder: join(folder, 'absent'), remote: false })).not.toEqual([]);
  });

  test('as a pipe that nobody writes to is not waited for', async () => {
    const folder = workerProject({ ...soundFiles, '.dev.vars': undefined });
    execFileSync('mkfifo', [join(folder, '.dev.vars'), join(folder, 'wrangler.toml')]);
    const problems = (await expectFindings(folder)).filter(({ status }) => status === 'problem');
    expect(problems.map(({ check }) => check)).toEqual(['config', 'keyring']);
  });

  test('says the line at which the configuration breaks off', async () => {
    const folder = workerProject(soundFiles);
    writeProject(folder, { 'wrangler.toml': `${stringify(soundSettings)}\nsecret = ${sentinel}\n` });
    const line = stringify(soundSettings).split('\n').length + 1;
    const [first] = await expectFindings(folder);
    expect(first?.message).toContain(`line ${line} `);
    writeProject(folder, { 'wrangler.json': `{\n"name": "site",\n"secret": ${sentinel}\n}` });
    expect((await expectFindings(folder))[0]?.message).toContain('line 3 ');
  });
});
