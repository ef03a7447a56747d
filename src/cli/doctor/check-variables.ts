import { secureUrl } from '../../core/secure-url.ts';
import { placeholders } from '../project/placeholders.ts';
import type { Project } from '../project/project.ts';
import { variableOf } from '../project/variable.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/**
 * The variables that tokenkeep's own worker reads, as `init` writes them too.
 *
 * @param deployed names of the secrets of the deployed worker, where those are known: a variable may be one.
 */
export function checkVariables(project: Project, deployed: ReadonlySet<string>): Finding[] {
  const isSecret = (name: string): boolean => deployed.has(name) && variableOf(project, name)?.isLocal !== false;
  const findings = [
    isSecret('OAUTH_ISSUER') ? ok('issuer', 'OAUTH_ISSUER is a secret of the deployed worker') : checkIssuer(project),
    isSecret('OAUTH_CLIENT_ID')
      ? ok('client-id', 'OAUTH_CLIENT_ID is a secret of the deployed worker')
      : checkClientId(project),
    checkApi(project),
    checkPublicOrigin(project),
  ];
  const demo = variableOf(project, 'DEMO');
  if (demo?.value === 'on' && !demo.isLocal) {
    findings.push(problem('demo', 'DEMO is on: it shows secrets to whoever is signed in; take it out of [vars]'));
  }
  return findings;
}

function missing(project: Project, check: string, name: string, what: string): Finding {
  if (project.usesOwnNames) return problem(check, `${name} is not set; set it in [vars] to ${what}`);
  return warning(check, `${name} is not set; if your worker reads ${what} from another variable, all is well`);
}

function onlyHere(check: string, name: string): Finding {
  return warning(check, `${name} is set for this machine alone; set it in [vars] too, before you deploy`);
}

function checkIssuer(project: Project): Finding {
  const [check, name, what] = ['issuer', 'OAUTH_ISSUER', 'the issuer identifier of the authorization server'];
  const found = variableOf(project, name);
  if (found === undefined) return missing(project, check, name, what);
  if (found.value === placeholders.issuer) return problem(check, `${name} is a placeholder; set it to ${what}`);
  return (
    checkAddress(check, name, found.value) ?? (found.isLocal ? onlyHere(check, name) : ok(check, `${name} is set`))
  );
}

function checkClientId(project: Project): Finding {
  const [check, name, what] = ['client-id', 'OAUTH_CLIENT_ID', 'the id of this client at the authorization server'];
  const found = variableOf(project, name);
  if (found === undefined) return missing(project, check, name, what);
  if (typeof found.value !== 'string') return problem(check, `${name} is no text; put it between quotes`);
  if (found.value === placeholders.clientId) return problem(check, `${name} is a placeholder; set it to ${what}`);
  return found.isLocal ? onlyHere(check, name) : ok(check, `${name} is set`);
}

function checkApi(project: Project): Finding {
  const [check, name] = ['api-origin', 'API_ORIGIN'];
  const found = variableOf(project, name);
  if (found !== undefined) {
    const wrong = checkAddress(check, name, found.value);
    if (wrong !== undefined) return wrong;
    if (/[?#]/.test(String(found.value))) return problem(check, `${name} has a query or a fragment; leave that out`);
    return found.isLocal ? onlyHere(check, name) : ok(check, `${name} is set`);
  }
  if (project.manifest.name === 'tokenkeep') return missing(project, check, name, 'the address of the API');
  return ok(check, `${name} is not set, so that /api/* leads nowhere`);
}

function checkPublicOrigin(project: Project): Finding {
  const [check, name] = ['public-origin', 'PUBLIC_ORIGIN'];
  const found = variableOf(project, name);
  if (found === undefined) {
    return ok(check, `${name} is not set: sign-ins return to the origin that they began at, which must be https`);
  }
  const wrong = checkAddress(check, name, found.value);
  if (wrong !== undefined) return wrong;
  const url = secureUrl(String(found.value), name);
  if (found.value !== url.origin) {
    return problem(check, `${name} is more than an origin; write scheme and host alone, without a slash at the end`);
  }
  if (url.protocol !== 'https:' && !found.isLocal) {
    return problem(
      check,
      `${name} is not https, and browsers keep no __Host- cookie without it; write an https address`,
    );
  }
  return ok(check, `${name} is an origin`);
}

/** What is wrong with an address; `undefined` when nothing is. */
function checkAddress(check: string, name: string, value: unknown): Finding | undefined {
  try {
    const { protocol } = secureUrl(typeof value === 'string' ? value : '', name);
    if (protocol === 'https:' || check === 'public-origin') return undefined;
    return warning(check, `${name} is an address of this machine; set it to an https one before you deploy`);
  } catch {
    return problem(check, `${name} is no https address; http is for localhost alone, and no user name belongs into it`);
  }
}
