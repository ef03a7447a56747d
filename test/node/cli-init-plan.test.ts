import { describe, expect, test } from 'vitest';
import { type InitPlan, planInit } from '../../src/cli/init/plan-init.ts';
import { packageMigrations } from '../../src/cli/project/package-migrations.ts';
import { type ProjectFiles, plainApp, soundFiles, workerProject } from '../support/worker-project.ts';

const toml = 'name = "site"\nmain = "src/index.ts"\ncompatibility_date = "2026-11-01"\n';
const [records, refresh] = packageMigrations();

function plan(files: ProjectFiles): Promise<InitPlan> {
  return planInit(workerProject({ 'wrangler.toml': toml, ...files }));
}

/** The paths of what a plan writes, and of what it leaves to be done by hand. */
async function paths(files: ProjectFiles): Promise<{ written: string[]; byHand: string[] }> {
  const { changes, remarks } = await plan(files);
  return { written: changes.map(({ path }) => path), byHand: remarks.map(({ path }) => path) };
}

describe('the migrations of init', () => {
  test('are not mixed with files that are for another database', async () => {
    const foreign = await paths({ 'migrations/0001_shop.sql': 'SELECT 1;' });
    expect(foreign.written).toContain('tokenkeep-migrations/0001_tokenkeep_records.sql');
    const bound = `${toml}[[d1_databases]]\nbinding = "SHOP"\ndatabase_name = "shop"\n`;
    expect((await paths({ 'wrangler.toml': bound })).written).toContain(
      'tokenkeep-migrations/0001_tokenkeep_records.sql',
    );
  });

  test('are not applied in another order than theirs', async () => {
    const { written, byHand } = await paths({ 'migrations/0001_tokenkeep_refresh.sql': refresh?.text });
    expect(byHand).toEqual(['migrations']);
    expect(written.filter((path) => path.startsWith('migrations/'))).toEqual([]);
  });

  test('are recognised whatever they are called', async () => {
    const { written } = await paths({ 'migrations/7_a.sql': records?.text.replaceAll('\n', '\r\n') });
    expect(written.filter((path) => path.startsWith('migrations/'))).toEqual(['migrations/0008_tokenkeep_refresh.sql']);
  });
});

describe('the app of init', () => {
  test('is left alone where it uses tokenkeep already', async () => {
    const app = plainApp.replace("'hono';", "'hono';\nimport { tokenkeep } from 'tokenkeep/hono';");
    expect(await paths({ 'src/index.ts': app })).toEqual({
      written: expect.not.arrayContaining(['src/index.ts', 'src/tokenkeep.ts']) as unknown,
      byHand: [],
    });
  });

  test('is not what another program has built', async () => {
    const files = { 'wrangler.toml': toml.replace('src/index.ts', 'dist/worker.js'), 'dist/worker.js': plainApp };
    const { written, byHand } = await paths(files);
    expect(written).toContain('src/tokenkeep.ts');
    expect(byHand).toEqual(['dist/worker.js']);
  });

  test('may be anywhere, and the module goes beside it', async () => {
    const { written } = await paths({ 'wrangler.toml': toml.replace('src/', './'), 'index.ts': plainApp });
    expect(written.slice(-2)).toEqual(['tokenkeep.ts', 'index.ts']);
  });

  test('imports as the settings of TypeScript want it', async () => {
    const lines: string[] = [];
    for (const options of ['"moduleResolution": "NodeNext"', '"allowImportingTsExtensions": true', '"strict": true']) {
      const { changes } = await plan({ 'tsconfig.json': `{ "compilerOptions": { ${options} } }` });
      lines.push(/from '\.\/tokenkeep[.a-z]*'/.exec(changes.at(-1)?.after ?? '')?.[0] ?? '');
    }
    expect(lines).toEqual(["from './tokenkeep.js'", "from './tokenkeep.ts'", "from './tokenkeep'"]);
  });
});

test('a keyring that is bound from the Secrets Store is no reason to make another one', async () => {
  const store = '[[secrets_store_secrets]]\nbinding = "TOKENKEEP_KEYRING"\nstore_id = "a"\nsecret_name = "b"\n';
  expect((await paths({ 'wrangler.toml': toml + store })).written).not.toContain('.dev.vars');
  expect((await paths({ '.dev.vars': soundFiles['.dev.vars'] })).written).not.toContain('.dev.vars');
});
