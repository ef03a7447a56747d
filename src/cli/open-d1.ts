import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { d1Backend } from '../backends/d1-backend.ts';
import type { ClosableRecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { d1Settings } from './d1-settings.ts';
import { loadWrangler } from './load-wrangler.ts';
import type { PlaceSettings } from './place-settings.ts';
import { withSignalsKept } from './with-signals-kept.ts';

/**
 * Opens a D1 database through the wrangler of the user's project: the very database that `wrangler dev` and
 * `wrangler d1 execute --local` use, or with `remote` the one at Cloudflare.
 *
 * wrangler gets settings that name this one database and nothing else: so it starts nothing else, reads no `.dev.vars`, and
 * can reach nothing else.
 *
 * @throws `E_CONFIG` when the settings do not name the database or wrangler is not installed, `E_STORAGE` when the database
 * cannot be reached.
 */
export async function openD1(binding: string, settings: PlaceSettings): Promise<ClosableRecordBackend> {
  const { remote = false, persistTo } = settings;
  const project = d1Settings(binding, settings);
  const state = persistTo === undefined ? join(project.folder, '.wrangler/state') : resolve(persistTo);
  // wrangler would make an empty one
  if (!remote && !statSync(join(state, 'v3/d1'), { throwIfNoEntry: false })?.isDirectory()) {
    throw new TokenkeepError(
      'E_CONFIG',
      'there is no local database; run npx wrangler d1 migrations apply with --local, or mean the one at Cloudflare with --remote',
    );
  }
  const getPlatformProxy = await loadWrangler(project.folder, process.cwd());
  const folder = mkdtempSync(join(tmpdir(), 'tokenkeep-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const configPath = join(folder, 'wrangler.json');
    writeFileSync(configPath, JSON.stringify(project.settings), { mode: 0o600 });
    const proxy = await withSignalsKept(() =>
      withoutSecrets(() =>
        getPlatformProxy({ configPath, persist: { path: join(state, 'v3') }, envFiles: [], remoteBindings: remote }),
      ),
    );
    const close = async (): Promise<void> => {
      // one that was interrupted has ended already
      await proxy.dispose().catch(() => undefined);
      remove();
    };
    return { ...d1Backend(proxy.env[binding] as Parameters<typeof d1Backend>[0]), close };
  } catch {
    remove();
    throw new TokenkeepError(
      'E_STORAGE',
      remote
        ? 'wrangler does not reach the database at Cloudflare; check npx wrangler whoami and database_id, then try again'
        : 'wrangler does not open the local database; check that npx wrangler d1 execute with --local does',
    );
  }
}

/** Starts something without the secrets of the environment, which the processes that it starts would get to see. */
async function withoutSecrets<Result>(start: () => Promise<Result>): Promise<Result> {
  const secrets = Object.entries(process.env).filter(([name]) => name.startsWith('TOKENKEEP_'));
  for (const [name] of secrets) delete process.env[name];
  try {
    return await start();
  } finally {
    Object.assign(process.env, Object.fromEntries(secrets));
  }
}
