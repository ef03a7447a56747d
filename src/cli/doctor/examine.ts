import { type ProjectPlace, readProject } from '../project/project.ts';
import { checkCommittedValues } from './check-committed-values.ts';
import { checkConfiguration } from './check-configuration.ts';
import { checkDatabase } from './check-database.ts';
import { checkDeployedSecrets } from './check-deployed-secrets.ts';
import { checkHosting } from './check-hosting.ts';
import { checkMigrations } from './check-migrations.ts';
import { checkPackages } from './check-packages.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkVariables } from './check-variables.ts';
import { deployedSecrets } from './deployed-secrets.ts';
import type { Finding } from './finding.ts';

/** What is to be looked at. */
export interface Examination extends ProjectPlace {
  /** Whether Cloudflare is asked for the names of the secrets of the deployed worker. Else nothing leaves this machine. */
  readonly remote: boolean;
}

/** Looks at a project and changes nothing. Where there is no configuration that can be read, most checks mean nothing. */
export async function examine({ remote, ...place }: Examination): Promise<readonly Finding[]> {
  const project = readProject(place);
  const configuration = checkConfiguration(project);
  const around = [...(await checkSecrets(project)), ...checkPackages(project)];
  if (configuration.length === 1) return [...configuration, ...around];
  const deployed = remote ? await deployedSecrets(project) : undefined;
  return [
    ...configuration,
    ...checkDatabase(project),
    ...checkMigrations(project),
    ...checkCommittedValues(project),
    ...checkVariables(project, deployed ?? new Set()),
    ...checkHosting(project),
    ...around,
    ...(remote ? [checkDeployedSecrets(project, deployed)] : []),
  ];
}
