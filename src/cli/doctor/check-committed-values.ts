import { readKeyringSetting } from '../../crypto/keyring-setting.ts';
import type { Project } from '../project/project.ts';
import { isSecretName } from '../project/secret-names.ts';
import { type Table, tableOf } from '../project/table.ts';
import { wranglerCommand } from '../project/wrangler-command.ts';
import { environmentNames } from '../project/wrangler-environment.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const check = 'secrets-in-config';

/** A key of a keyring, however its quotes are written, in a comment as well. */
const key = /\bk\\?["']?\s*[:=]\s*\\?["'][A-Za-z0-9_-]{43}\\?["']/;

/** Whether a secret stands in the configuration, which is committed and which every deployment shows: of any environment. */
export function checkCommittedValues(project: Project): Finding[] {
  const { config } = project;
  if (config.state !== 'found') return [];
  const { values, text } = config;
  const environments = environmentNames(values).map((name) => tableOf(tableOf(values.env)[name]));
  const vars = [values, ...environments].flatMap((one) => Object.entries(tableOf(one.vars)));
  const secrets = new Set(vars.filter(([name, value]) => isSecret(name, value)).map(([name]) => name));
  const suspects = new Set(vars.map(([name]) => name).filter((name) => suspicious.test(name) && !secrets.has(name)));
  const findings = [...secrets].map((name) => {
    const known = isSecretName(name) ? name : 'TOKENKEEP_KEYRING';
    const which = isSecretName(name) ? name : 'a keyring';
    const message = `${which} stands in [vars], for all who see the configuration; take it out, make another one, and set it with this`;
    return problem(check, message, wranglerCommand(project, `secret put ${known}`));
  });
  if (findings.length === 0 && key.test(text)) {
    findings.push(problem(check, 'the configuration has the key of a keyring in it; take it out, and rotate that key'));
  }
  if (suspects.size > 0) {
    const many = suspects.size === 1 ? 'a variable in [vars] has' : `${suspects.size} variables in [vars] have`;
    const message = `${many} the name of a secret; if so, take it out, make another one, and set it with this`;
    findings.push(warning(check, message, wranglerCommand(project, 'secret put NAME')));
  }
  return findings.length > 0 ? findings : [ok(check, 'no secret stands in the configuration')];
}

const suspicious = /(^|_)(SECRET|PASSWORD|PASSPHRASE|PRIVATE_KEY|API_KEY|KEYRING|REFRESH_TOKEN|ACCESS_TOKEN)$/i;

function isSecret(name: string, value: unknown): boolean {
  if (value === '' || value === undefined) return false;
  return isSecretName(name) || isKeyring(value) || isKeyring(JSON.stringify(tableIn(value)));
}

/** A variable may also be written as a table, which wrangler hands over as JSON. */
function tableIn(value: unknown): Table | undefined {
  return typeof value === 'object' && value !== null ? tableOf(value) : undefined;
}

function isKeyring(value: unknown): boolean {
  try {
    return typeof value === 'string' && readKeyringSetting(value).keys.length > 0;
  } catch {
    return false;
  }
}
