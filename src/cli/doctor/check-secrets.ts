import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import { importKeyring } from '../../crypto/import-keyring.ts';
import { gitStateOf } from '../project/git-state.ts';
import type { Project } from '../project/project.ts';
import { isSecretName, secretNames } from '../project/secret-names.ts';
import { tablesOf } from '../project/table.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** The secrets of this machine: whether they are of use, and whether they stay on it. */
export async function checkSecrets(project: Project): Promise<Finding[]> {
  return [await checkKeyring(project), checkAdministration(project), ...checkFile(project)];
}

async function checkKeyring({ local, settings, usesOwnNames }: Project): Promise<Finding> {
  const check = 'keyring';
  const { name } = local;
  const make = `(umask 077; printf "\\nTOKENKEEP_KEYRING='%s'\\n" "$(npx tokenkeep keygen)" >> ${name})`;
  const setting = local.values.get('TOKENKEEP_KEYRING');
  if (local.state === 'unreadable') return problem(check, `${name} is no text file that can be read; restore it`);
  if (!setting) {
    if (tablesOf(settings.secrets_store_secrets).some(({ binding }) => binding === 'TOKENKEEP_KEYRING')) {
      return ok(check, 'the keyring is bound from the Secrets Store');
    }
    const unless = usesOwnNames ? '' : ', unless your worker reads it from a variable of another name';
    return warning(
      check,
      `${name} has no TOKENKEEP_KEYRING, so that wrangler dev has no keys; make one${unless}`,
      make,
    );
  }
  try {
    await importKeyring(setting);
    return ok(check, `the keyring in ${name} can be used`);
  } catch (error) {
    const said = error instanceof TokenkeepError ? error.message : 'the keyring cannot be read; make another one';
    return problem(check, `TOKENKEEP_KEYRING in ${name}: ${said}`);
  }
}

function checkAdministration({ local }: Project): Finding {
  const check = 'administration';
  const secret = local.values.get('TOKENKEEP_ADMIN_SECRET');
  if (!secret)
    return ok(check, `the administration is off on this machine: ${local.name} has no TOKENKEEP_ADMIN_SECRET`);
  if (secret.length >= 32) return ok(check, 'TOKENKEEP_ADMIN_SECRET is long enough');
  const make = 'node -p "crypto.randomBytes(32).toString(\'base64url\')"';
  return problem(check, 'TOKENKEEP_ADMIN_SECRET is shorter than 32 characters; take what this prints', make);
}

function checkFile({ folder, local }: Project): Finding[] {
  const { name, state, isOpen } = local;
  const holdsSecrets = Object.keys(secretNames).some((secret) => isSecretName(secret) && local.values.has(secret));
  if (!holdsSecrets && !name.startsWith('.dev.vars')) return [];
  const git = gitStateOf(folder, name);
  const findings: Finding[] = [];
  if (git === 'committed') {
    const change = 'take it out, and replace every secret in it: what is in the history stays readable';
    findings.push(problem('git', `${name} is in the repository; ${change}`, `git rm --cached ${name}`));
  } else if (git === 'unguarded') {
    const tell = state === 'absent' ? warning : problem;
    findings.push(tell('git', `git does not ignore ${name}, which is for secrets`, `echo ${name} >> .gitignore`));
  } else findings.push(ok('git', `git ignores ${name}`));
  if (isOpen && holdsSecrets) {
    findings.push(warning('file-mode', `others on this machine can read ${name}`, `chmod 600 ${name}`));
  }
  return findings;
}
