import { resolve } from 'node:path';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { type Project, readProject } from '../project/project.ts';
import { wranglerFileIn } from '../project/wrangler-file.ts';
import type { Part } from './change.ts';
import { planApp } from './plan-app.ts';
import { migrationsFolder, planConfiguration } from './plan-configuration.ts';
import { planLocalSecrets } from './plan-local-secrets.ts';
import { planMigrations } from './plan-migrations.ts';

/** What `init` would do to a project. */
export interface InitPlan extends Part {
  readonly project: Project;
}

/**
 * Looks at a project and plans what it lacks, in the order in which it is to be written: a plan that was carried out in part
 * is carried on by the next one.
 *
 * @throws `E_CONFIG` when there is no configuration of wrangler in the folder, or none that can be read.
 */
export async function planInit(folder: string): Promise<InitPlan> {
  const path = wranglerFileIn(resolve(folder));
  if (path === undefined) {
    const message =
      'there is no wrangler.toml, wrangler.json or wrangler.jsonc in this folder; go to one of a project on Workers';
    throw new TokenkeepError('E_CONFIG', message);
  }
  const project = readProject({ folder, config: path });
  const { config } = project;
  if (config.state !== 'found') {
    throw new TokenkeepError(
      'E_CONFIG',
      'the configuration of wrangler cannot be read; npx tokenkeep doctor says where',
    );
  }
  const parts = [
    await planLocalSecrets(project),
    planMigrations(project.folder, migrationsFolder(project)),
    planConfiguration(project, config),
    planApp(project),
  ];
  return {
    project,
    changes: parts.flatMap(({ changes }) => changes),
    remarks: parts.flatMap(({ remarks }) => remarks),
  };
}
