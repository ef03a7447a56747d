import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { packageFolder } from '../project/installed-version.ts';
import type { Project } from '../project/project.ts';

const patienceMs = 30_000;

/**
 * The names of the secrets that the deployed worker has, as the project's own wrangler lists them; it never gets their values.
 *
 * @returns `undefined` when wrangler is not installed, is not logged in, or does not answer within half a minute.
 */
export async function deployedSecrets({ folder, config, environment }: Project): Promise<Set<string> | undefined> {
  const wrangler = packageFolder(folder, 'wrangler');
  if (wrangler === undefined || config.state !== 'found') return undefined;
  const args = [
    ...[join(wrangler, 'bin/wrangler.js'), 'secret', 'list', '--format', 'json', '--config', config.path],
    ...(environment === undefined ? [] : ['--env', environment]),
  ];
  // as in a pipeline: without a token it says so, rather than open a browser to log in
  const env = { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false' };
  const output = await new Promise<string | undefined>((resolve) => {
    const options = { cwd: folder, env, timeout: patienceMs, killSignal: 'SIGKILL' as const };
    const child = execFile(process.execPath, args, options, (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    );
    child.stdin?.end();
  });
  return output === undefined ? undefined : namesIn(output);
}

function namesIn(output: string): Set<string> | undefined {
  try {
    const list: unknown = JSON.parse(output);
    if (!Array.isArray(list)) return undefined;
    return new Set(list.map((secret: { readonly name?: unknown } | null) => String(secret?.name)));
  } catch {
    return undefined;
  }
}
