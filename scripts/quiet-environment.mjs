import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The environment that every tool is started in: the Node 24 of node_modules comes first on the path, and wrangler asks
 * nothing, sends nothing, looks no name up, and keeps its files in `.wrangler/` rather than in the home folder.
 *
 * @type {NodeJS.ProcessEnv}
 */
export const quietEnvironment = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter),
  CI: 'true',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG_PATH: join(root, '.wrangler', 'logs'),
  XDG_CONFIG_HOME: join(root, '.wrangler', 'config'),
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};
