import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse as parseJsonc } from 'jsonc-parser';
import { parse, stringify } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { addSettings } from '../../src/cli/init/add-settings.ts';
import type { Addition } from '../../src/cli/init/addition.ts';
import { applyChanges } from '../../src/cli/init/apply-changes.ts';
import type { Change } from '../../src/cli/init/change.ts';
import { lineChanges } from '../../src/cli/init/line-changes.ts';
import { mountInApp } from '../../src/cli/init/mount-in-app.ts';
import { expectCode } from '../support/expect-code.ts';
import { plainApp, readProjectFiles, workerProject } from '../support/worker-project.ts';

const comments = ['why it is there'];
const vars: Addition = { table: 'vars', isListed: false, values: { OAUTH_ISSUER: 'https://a.example' }, comments };
const crons: Addition = { table: 'triggers', isListed: false, values: { crons: ['*/5 * * * *'] }, comments };
const database: Addition = { table: 'd1_databases', isListed: true, values: { binding: 'DB' }, comments };

/** The text with all three, or what cannot be added to. */
function withAll(text: string, format: 'toml' | 'json'): string | undefined {
  return [vars, crons, database].reduce<string | undefined>(
    (so, addition) => (so === undefined ? undefined : addSettings(so, format, addition)),
    text,
  );
}

describe('settings are added', () => {
  test('to any TOML, in which all that was there stays as it was', () => {
    const name = fc.stringMatching(/^[a-z_]{1,8}$/).filter((key) => !/^(vars|triggers|d1_databases)$/.test(key));
    const date = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    const value = fc.oneof(fc.string(), fc.boolean(), fc.double({ noNaN: true }), date);
    const table = fc.dictionary(name, fc.oneof(value, fc.array(fc.string())));
    const config = fc.record(
      {
        vars: table,
        triggers: table,
        env: fc.dictionary(name, table),
        d1_databases: fc.array(table, { minLength: 1 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(table, config, fc.constantFrom('\n', '\r\n'), fc.boolean(), (top, tables, end, isEnded) => {
        const lines = stringify({ ...top, ...tables }).split('\n');
        const text = lines.flatMap((line, n) => [`# comment ${n}`, line]).join(end) + (isEnded ? end : '');
        const added = withAll(text, 'toml');
        expect(added).toBeDefined();
        const { vars: someVars, triggers, d1_databases: list, ...rest } = parse(added as string);
        const { vars: ownVars, triggers: own, d1_databases: ownList, ...before } = parse(text);
        expect(rest).toEqual(before);
        expect(someVars).toEqual({ ...(ownVars as object | undefined), ...vars.values });
        expect(triggers).toEqual({ ...(own as object | undefined), ...crons.values });
        expect(list).toEqual([...((ownList as unknown[] | undefined) ?? []), database.values]);
        // every line is there still, in its order
        const now = (added as string).split(end);
        expect(lineChanges(text, added as string).removed).toEqual([]);
        expect(now.length).toBeGreaterThan(text.split(end).length);
        expect((added as string).replaceAll(end, '').includes('\r')).toBe(text.replaceAll(end, '').includes('\r'));
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['spaces', '{\n  "a": 1, // one\n  /* two */ "b": [1,\n 2]\n}\n'],
    ['tabs', '{\n\t"vars": {\n\t\t"A": "1", // one\n\t},\n}\n'],
    ['no layout', '{"vars":{"A":"1"},"triggers":{},"d1_databases":[{"binding":"X"}]}'],
    ['other line ends', '{\r\n  // one\r\n  "d1_databases": [],\r\n}\r\n'],
    ['nothing', '{}'],
  ])('to JSON with %s, with its comments', (_, text) => {
    const added = withAll(text, 'json') as string;
    const before = parseJsonc(text, [], { allowTrailingComma: true }) as Record<string, unknown>;
    const list = [...((before.d1_databases as unknown[]) ?? []), database.values];
    expect(parseJsonc(added, [], { allowTrailingComma: true })).toEqual({
      ...before,
      vars: { ...(before.vars as object), ...vars.values },
      triggers: crons.values,
      d1_databases: list,
    });
    for (const [comment] of text.matchAll(/\/\/.*|\/\*.*?\*\//g)) expect(added).toContain(comment.trim());
    if (text.includes('\r')) expect(added.replaceAll('\r\n', '')).not.toContain('\n');
    if (text.includes('\t')) expect(added).not.toMatch(/^ /m);
  });

  test.each<[what: string, text: string, format: 'toml' | 'json', addition: Addition]>([
    ['a table on one line', 'vars = { A = "1" }', 'toml', vars],
    ['a table of dotted names', 'vars.A = "1"', 'toml', vars],
    ['a list on one line', 'd1_databases = [{ binding = "X" }]', 'toml', database],
    ['a header that is only quoted', 'a = """\n[vars]\n"""\nvars.B = "1"', 'toml', vars],
    ['something else of that name', 'vars = 5', 'toml', vars],
    ['something else of that name', '{"vars":5}', 'json', vars],
    ['something else of that name', '{"vars":null}', 'json', vars],
    ['a table where a list belongs', '{"d1_databases":{"binding":"X"}}', 'json', database],
    ['what cannot be read', 'vars = ', 'toml', vars],
    ['what cannot be read', '{"vars"', 'json', vars],
  ])('not to %s: %j', (_, text, format, addition) => {
    expect(addSettings(text, format, addition)).toBeUndefined();
  });
});

describe('the routes are mounted', () => {
  const added = `import { Hono } from 'hono';
import { tokenkeepRoutes, tokenkeepScheduled } from './tokenkeep';

const app = new Hono();

app.get('/', (c) => c.text('home'));

app.route('/', tokenkeepRoutes);

export default Object.assign(app, { scheduled: tokenkeepScheduled });
`;

  test('behind those of a plain app', () => {
    expect(mountInApp(plainApp, '')).toBe(added);
  });

  test('in the manner of the file', () => {
    const other = plainApp.replaceAll("'", '"').replaceAll(';', '').replaceAll('\n', '\r\n');
    expect(mountInApp(other, '.js')).toBe(
      added.replace('./tokenkeep', './tokenkeep.js').replaceAll("'", '"').replaceAll(';', '').replaceAll('\n', '\r\n'),
    );
    const beside = plainApp.replace("'hono';\n", "'hono';\nimport {\n  a,\n} from './routes.ts';\n");
    expect(mountInApp(beside, '')).toContain(
      "} from './routes.ts';\nimport { tokenkeepRoutes, tokenkeepScheduled } from './tokenkeep.ts';",
    );
  });

  test.each([
    ['an exported constant', plainApp.replace('const app', 'export const app')],
    ['types of its own', plainApp.replace('new Hono()', 'new Hono<{ Bindings: Env }>()')],
    ['a chain of routes', plainApp.replace('new Hono();', "new Hono()\n  .get('/a', (c) => c.text('a'));")],
    ['middleware for all', plainApp.replace("app.get('/',", "app.use('*', cors());\napp.get('/',")],
    ['an API of its own', plainApp.replace("'/'", "'/api/items'")],
    ['no end of line', plainApp.trimEnd()],
  ])('in an app with %s', (_, text) => {
    expect(mountInApp(text, '')).toContain("app.route('/', tokenkeepRoutes);");
  });

  test.each([
    ['two apps', plainApp.replace('\nexport', '\nconst other = new Hono();\nexport')],
    ['another default export', plainApp.replace('default app', 'default { fetch: app.fetch }')],
    ['another app as its export', plainApp.replace('default app', 'default other')],
    ['no default export', plainApp.replace('export default app;', '')],
    ['a default export in a comment as well', `// export default app\n${plainApp}`],
    ['a base path', plainApp.replace('new Hono()', "new Hono().basePath('/v1')")],
    ['a route for all else', plainApp.replace("get('/'", "all('*'")],
    ['a route for all methods and addresses', plainApp.replace("get('/'", "on(['GET', 'POST'], '/*'")],
    ['routes beneath /auth', plainApp.replace("'/'", "'/auth/me'")],
    ['an app that is a variable', plainApp.replace('const app', 'let app')],
    ['an export before the app', `export default app;\n${plainApp.replace('export default app;\n', '')}`],
    ['no import', plainApp.replace("import { Hono } from 'hono';", "const { Hono } = await import('hono');")],
    ['nothing', ''],
  ])('not in a file with %s', (_, text) => {
    expect(mountInApp(text, '')).toBeUndefined();
  });
});

test('a change is told by its lines', () => {
  expect(lineChanges('a\nb\nc\n', 'a\nx\nc\nd\n')).toEqual({ added: ['x', 'd'], removed: ['b'] });
  expect(lineChanges('', 'a\n')).toEqual({ added: ['a'], removed: [] });
  expect(lineChanges('a\r\nb', 'a\r\nb\r\nc')).toEqual({ added: ['c'], removed: [] });
});

describe('changes are carried out', () => {
  const before = 'OTHER=1\n';
  const change = { path: '.dev.vars', before, after: `${before}NEW=2\n`, isSecret: true };

  test('for the owner alone where secrets are, whoever could read the file before', () => {
    const folder = workerProject({ '.dev.vars': before });
    chmodSync(join(folder, '.dev.vars'), 0o644);
    applyChanges(folder, [change]);
    expect(readProjectFiles(folder)['.dev.vars']).toBe(change.after);
    expect(statSync(join(folder, '.dev.vars')).mode & 0o777).toBe(0o600);
  });

  test('with the mode that a file has', () => {
    const folder = workerProject({ 'run.sh': 'a\n' });
    chmodSync(join(folder, 'run.sh'), 0o755);
    applyChanges(folder, [{ path: 'run.sh', before: 'a\n', after: 'b\n', isSecret: false }]);
    expect(statSync(join(folder, 'run.sh')).mode & 0o777).toBe(0o755);
  });

  test.each([true, false])('not over what somebody has written meanwhile (secrets: %s)', async (isSecret) => {
    const folder = workerProject({ '.dev.vars': 'MINE=1\n' });
    const files = readProjectFiles(folder);
    await expectCode('E_CONFLICT', async () => applyChanges(folder, [{ ...change, isSecret }]));
    await expectCode('E_CONFLICT', async () => applyChanges(folder, [{ path: '.dev.vars', after: 'x', isSecret }]));
    expect(readProjectFiles(folder)).toEqual(files);
  });

  test('up to what cannot be written', async () => {
    const folder = workerProject({ sql: 'a file' });
    const [first, second] = ['a', 'sql/b'].map((path) => ({ path, after: 'x\n', isSecret: false }));
    await expectCode('E_STORAGE', async () => applyChanges(folder, [first, second] as Change[]));
    expect(readProjectFiles(folder)).toMatchObject({ a: 'x\n', sql: 'a file' });
  });
});
