import type { Project } from '../project/project.ts';
import { wranglerCommand } from '../project/wrangler-command.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const check = 'deployed-secrets';

/**
 * @param names of the secrets of the deployed worker; `undefined` when they could not be listed.
 */
export function checkDeployedSecrets(project: Project, names: ReadonlySet<string> | undefined): Finding {
  if (names === undefined) {
    const message = 'the secrets of the deployed worker could not be listed; log in, deploy it once, and look again';
    return warning(check, message, 'npx wrangler login');
  }
  if (!names.has('TOKENKEEP_KEYRING')) {
    const put = `npx tokenkeep keygen | ${wranglerCommand(project, 'secret put TOKENKEEP_KEYRING')}`;
    const message = 'the deployed worker has no secret TOKENKEEP_KEYRING';
    if (project.usesOwnNames) return problem(check, `${message}; set one, of its own`, put);
    return warning(check, `${message}; if it reads the keyring from another one, all is well`, put);
  }
  if (!names.has('OAUTH_CLIENT_SECRET')) {
    return ok(check, 'the deployed worker has a keyring, and no OAUTH_CLIENT_SECRET, as suits a public client');
  }
  return ok(check, 'the deployed worker has its secrets');
}
