import type { Project } from '../project/project.ts';
import { tableOf } from '../project/table.ts';
import { variableOf } from '../project/variable.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** What surrounds the worker: its crons, addresses, files and logs. */
export function checkHosting(project: Project): Finding[] {
  return [checkSchedule(project), checkAddresses(project), checkAssets(project), checkLogs(project)];
}

function checkSchedule(project: Project): Finding {
  const check = 'schedule';
  const { crons } = tableOf(project.settings.triggers);
  if (Array.isArray(crons) && crons.length > 0 && crons.every((cron) => typeof cron === 'string')) {
    return ok(check, 'a cron is there; have the scheduled handler call maintain()');
  }
  const add = 'add crons = ["*/5 * * * *"] to [triggers], and call maintain() in the scheduled handler';
  if (variableOf(project, 'KEEP_FRESH')?.value === 'on') {
    return problem(check, `KEEP_FRESH is on and nothing is scheduled, so that nothing is renewed; ${add}`);
  }
  return warning(check, `nothing is scheduled, so that what has expired is never deleted; ${add}`);
}

function checkAddresses(project: Project): Finding {
  const check = 'addresses';
  const { routes, route, workers_dev: isOnWorkersDev, preview_urls: hasPreviews } = project.settings;
  const hasRoutes = (Array.isArray(routes) && routes.length > 0) || (route !== undefined && route !== '');
  if (hasPreviews === true) {
    const why = 'a preview has the same database and secrets, and an address that no sign-in can return to';
    return warning(check, `${why}; set preview_urls = false`);
  }
  const origin = variableOf(project, 'PUBLIC_ORIGIN')?.value;
  const host = typeof origin === 'string' && URL.canParse(origin) ? new URL(origin).hostname : 'localhost';
  const isElsewhere = hasRoutes || !/(^localhost|\.workers\.dev)$/.test(host);
  const isAlsoThere = typeof isOnWorkersDev === 'boolean' ? isOnWorkersDev : !hasRoutes;
  if (isElsewhere && isAlsoThere) {
    const why = 'the worker also answers at workers.dev, where cookies of the other address are not sent';
    return warning(check, `${why}; set workers_dev = false`);
  }
  return ok(check, 'the worker has one address; register its /auth/callback at the authorization server');
}

/** The parts of a site that have to reach the worker rather than a file. */
const served = ['/auth/login', '/auth/callback', '/api/x'];

function checkAssets({ settings }: Project): Finding {
  const check = 'assets';
  if (settings.assets === undefined) return ok(check, 'no files are served before the worker');
  const { run_worker_first: first, not_found_handling: otherwise } = tableOf(settings.assets);
  const rules = Array.isArray(first) ? first.filter((rule) => typeof rule === 'string') : [];
  const reaches = (path: string): boolean =>
    rules.some((rule) => covers(rule, path)) && !rules.some((rule) => rule[0] === '!' && covers(rule.slice(1), path));
  if (first === true || (rules.length > 0 && served.every(reaches))) {
    return ok(check, 'requests for /auth and /api reach the worker before any file');
  }
  const set = 'set run_worker_first = ["/auth/*", "/api/*"], or true to add headers to files too';
  if (otherwise === 'single-page-application' || otherwise === '404-page') {
    return problem(check, `browsers that go to /auth/login get a page of the assets instead; ${set}`);
  }
  return warning(check, `a file of the same name would be served instead of /auth or /api; ${set}`);
}

function covers(rule: string, path: string): boolean {
  const [start = '', ...rest] = rule.split('*');
  return rest.length === 0 ? rule === path : path.startsWith(start) && path.endsWith(rest.at(-1) as string);
}

function checkLogs({ settings }: Project): Finding {
  const check = 'logs';
  const { enabled, logs } = tableOf(settings.observability);
  const { enabled: logsEnabled = enabled, invocation_logs: invocations = true } = tableOf(logs);
  if (logsEnabled === true && invocations !== false) {
    const why =
      'the logs keep the address of each request, that of the callback with its code (of use once, and only here)';
    return warning(check, `${why}; set invocation_logs = false in [observability.logs]`);
  }
  if (logsEnabled === true) return ok(check, 'events are logged, and addresses of requests are not');
  return ok(check, 'logs are kept nowhere; events of tokens are seen with wrangler tail alone');
}
