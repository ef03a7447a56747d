import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generateKeyring } from '../../src/crypto/generate-keyring.ts';
import { temporaryFolder } from './file/temporary-folder.ts';

const root = join(import.meta.dirname, '../..');
const parent = temporaryFolder();
let projects = 0;

/** The files of a project, by their paths. `undefined` leaves one out that would be there. */
export type ProjectFiles = { readonly [path: string]: string | undefined };

/** The module of an app that `init` can mount the routes in. */
export const plainApp = `import { Hono } from 'hono';

const app = new Hono();

app.get('/', (c) => c.text('home'));

export default app;
`;

/** A project on Workers in a folder of its own, with tokenkeep and what else it needs as installed. */
export function workerProject(files: ProjectFiles): string {
  const folder = join(parent, String(++projects));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@cloudflare'), { recursive: true });
  for (const name of ['hono', 'wrangler', '@cloudflare/workers-types']) {
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  symlinkSync(root, join(modules, 'tokenkeep'));
  const manifest = { name: 'site', type: 'module', dependencies: { hono: '*', tokenkeep: '*' } };
  const all = { 'package.json': JSON.stringify(manifest), 'src/index.ts': plainApp, '.gitignore': 'node_modules\n' };
  writeProject(folder, { ...all, ...files });
  return folder;
}

/** Writes files into a project. */
export function writeProject(folder: string, files: ProjectFiles): void {
  for (const [path, text] of Object.entries(files)) {
    if (text === undefined) rmSync(join(folder, path), { force: true });
    else {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text, { mode: path.startsWith('.dev.vars') ? 0o600 : 0o644 });
    }
  }
}

/** All files of a project but the installed ones, by their paths. */
export function readProjectFiles(folder: string, below = ''): Record<string, string> {
  const entries = readdirSync(join(folder, below), { withFileTypes: true });
  const own = entries.filter(({ name }) => !['node_modules', '.git', '.wrangler'].includes(name));
  return Object.assign(
    {},
    ...own.map((entry) => {
      const path = join(below, entry.name);
      if (entry.isDirectory()) return readProjectFiles(folder, path);
      return { [path]: readFileSync(join(folder, path), 'utf8') };
    }),
  ) as Record<string, string>;
}

/** Makes a project a repository of git. */
export function gitIn(folder: string, ...args: readonly string[]): void {
  const { status } = spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args], { cwd: folder });
  if (status !== 0) throw new Error(`git ${args[0]} failed`);
}

/** The settings of a project in which nothing is wrong. */
export const soundSettings = {
  name: 'site',
  main: 'src/index.ts',
  compatibility_date: '2026-11-01',
  workers_dev: true,
  triggers: { crons: ['*/5 * * * *'] },
  d1_databases: [
    {
      binding: 'DB',
      database_name: 'tokens',
      database_id: 'b1f4e2d0-1c2b-4a3d-8e9f-0123456789ab',
      migrations_dir: 'sql',
    },
  ],
  vars: {
    OAUTH_ISSUER: 'https://accounts.example.com',
    OAUTH_CLIENT_ID: 'site',
    API_ORIGIN: 'https://api.example.com/v2',
  } as Record<string, unknown>,
};

/** What the project with {@link soundSettings} holds beside its configuration. */
export const soundFiles: ProjectFiles = {
  '.gitignore': 'node_modules\n.dev.vars\n',
  '.dev.vars': `TOKENKEEP_KEYRING='${await generateKeyring()}'\n`,
  ...Object.fromEntries(
    readdirSync(join(root, 'migrations')).map((name) => [
      `sql/${name}`,
      readFileSync(join(root, 'migrations', name), 'utf8'),
    ]),
  ),
};
