import { relative } from 'node:path';
import type { Project } from './project.ts';

/** What needs no quotes in any shell. */
const plain = /^[\w./@-]+$/;

/**
 * The command line of wrangler for a project, to be copied into a shell.
 *
 * @param command such as `secret put OAUTH_CLIENT_SECRET`.
 */
export function wranglerCommand({ config, environment }: Project, command: string): string {
  const path = config.state === 'absent' ? '' : relative(process.cwd(), config.path);
  const isElsewhere = !/^wrangler\.(toml|jsonc?)$/.test(path) && plain.test(path);
  return [
    `npx wrangler ${command}`,
    ...(environment !== undefined && plain.test(environment) ? [`--env ${environment}`] : []),
    ...(isElsewhere ? [`--config ${path}`] : []),
  ].join(' ');
}
