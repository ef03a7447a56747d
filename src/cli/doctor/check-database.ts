import { placeholders } from '../project/placeholders.ts';
import type { Project } from '../project/project.ts';
import { tablesOf } from '../project/table.ts';
import { variableOf } from '../project/variable.ts';
import { wranglerCommand } from '../project/wrangler-command.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const backends = ['d1', 'kv', 'd1+kv'] as const;

/** Where tokens are kept: what TOKEN_BACKEND says, and the bindings that it needs. */
export function checkDatabase(project: Project): Finding[] {
  const backend = variableOf(project, 'TOKEN_BACKEND')?.value ?? 'd1';
  const rotation = variableOf(project, 'OAUTH_ROTATION')?.value ?? 'strict';
  const findings: Finding[] = [];
  if (!(backends as readonly unknown[]).includes(backend)) {
    findings.push(problem('backend', `TOKEN_BACKEND is none of ${backends.join(', ')}; set one of them`));
  } else if (rotation !== 'strict' && rotation !== 'none') {
    findings.push(
      problem('backend', 'OAUTH_ROTATION is neither strict nor none; set it to strict, which is always safe'),
    );
  } else if (backend === 'kv' && rotation === 'strict') {
    const why = 'in KV two requests can spend one refresh token';
    const unless = 'or OAUTH_ROTATION to none, if the server does not replace refresh tokens';
    findings.push(problem('backend', `${why}; set TOKEN_BACKEND to d1 or d1+kv, ${unless}`));
  } else findings.push(ok('backend', 'TOKEN_BACKEND and OAUTH_ROTATION fit together'));
  if (backend !== 'kv') findings.push(checkD1(project));
  if (backend === 'kv' || backend === 'd1+kv') findings.push(checkKv(project));
  return findings;
}

function checkD1(project: Project): Finding {
  const { database, usesOwnNames, environment } = project;
  const check = 'd1-binding';
  if (database === undefined) {
    const where = environment === undefined ? '' : ' to this environment, which inherits none';
    return problem(check, `there is no D1 database bound as DB; add one${where}`, 'npx tokenkeep init');
  }
  const { name, databaseId: id } = database;
  const create = wranglerCommand(project, 'd1 create tokenkeep');
  // a newer wrangler makes the database itself where no id is given
  if (id !== undefined && (typeof id !== 'string' || !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id))) {
    return problem('d1-id', 'database_id is not the id of a database; write there what this prints', create);
  }
  if (id === placeholders.databaseId) {
    return problem('d1-id', 'database_id is a placeholder; write there what this prints', create);
  }
  if (name !== 'DB' && usesOwnNames) {
    return warning(
      check,
      'no D1 database is bound as DB; make sure that your worker hands the other one to d1Backend()',
    );
  }
  return ok(check, 'a D1 database is bound');
}

function checkKv(project: Project): Finding {
  const found = tablesOf(project.settings.kv_namespaces).find(({ binding }) => binding === 'KV');
  const create = wranglerCommand(project, 'kv namespace create KV');
  if (found === undefined) {
    return problem('kv-binding', 'TOKEN_BACKEND needs a KV namespace bound as KV; add what this prints', create);
  }
  if (found.id !== undefined && (typeof found.id !== 'string' || !/^(?!0{32})[\da-f]{32}$/i.test(found.id))) {
    return problem('kv-id', 'the id of KV is a placeholder; write there what this prints', create);
  }
  return ok('kv-binding', 'a KV namespace is bound as KV');
}
