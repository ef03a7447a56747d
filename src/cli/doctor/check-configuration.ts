import { existsSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Project } from '../project/project.ts';
import { environmentNames } from '../project/wrangler-environment.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Before it, workerd's `URL` lacks what tokenkeep needs (flag `url_standard`). */
const firstDate = '2022-10-31';
/** From it on, a request goes on in its own context after it has waited for another (edge runtime, 2024-10-14). */
const soundDate = '2024-10-14';

/** The configuration itself: whether it is there and can be read, and its main, date and flags. */
export function checkConfiguration(project: Project): Finding[] {
  const { config, environment } = project;
  if (config.state === 'absent') {
    const message = 'there is no wrangler.toml, wrangler.json or wrangler.jsonc; name it with --config, or make one';
    return [problem('config', message, 'npm create cloudflare@latest')];
  }
  const name = basename(config.path).replace(/^(?!wrangler\.(toml|jsonc?)$).*/, 'the configuration');
  if (config.state === 'broken') {
    const { line } = config;
    if (line === undefined) return [problem('config', `${name} is no text file that can be read; restore it`)];
    return [problem('config', `${name} cannot be read from line ${line} on; correct it there`)];
  }
  if (environment !== undefined && !environmentNames(config.values).includes(environment)) {
    return [
      problem('config', `${name} has no environment of the name after --env; add [env.NAME], or leave --env out`),
    ];
  }
  return [ok('config', `${name} is there and can be read`), checkMain(project), ...checkRuntime(project)];
}

function checkMain({ folder, settings: { main } }: Project): Finding {
  if (typeof main !== 'string' || main === '') {
    return problem('main', 'main is not set; set it to the module of your worker, such as src/index.ts');
  }
  const path = resolve(folder, main);
  const isFile = !main.includes('\0') && existsSync(path) && statSync(path).isFile();
  return isFile
    ? ok('main', 'main names a module that is there')
    : problem('main', 'main names a module that is not there; correct the path, which goes from the configuration');
}

function checkRuntime({ settings }: Project): Finding[] {
  const { compatibility_date: date, compatibility_flags: flags = [] } = settings;
  const list: readonly unknown[] = Array.isArray(flags) ? flags : [];
  const dated = checkDate(date, list);
  if (list.includes('url_original')) {
    return [dated, problem('compatibility-flags', 'the flag url_original takes URL.canParse away; remove it')];
  }
  const late = 'no_handle_cross_request_promise_resolution';
  if (list.includes(late)) {
    return [dated, warning('compatibility-flags', `the flag ${late} lets requests hang on each other; remove it`)];
  }
  return [dated, ok('compatibility-flags', 'no flag takes away what tokenkeep needs, and it needs none')];
}

function checkDate(date: unknown, flags: readonly unknown[]): Finding {
  const check = 'compatibility-date';
  if (typeof date !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(date)) {
    return problem(check, 'compatibility_date is missing or no text such as "2026-11-01"; set it to a recent day');
  }
  if (date < firstDate && !flags.includes('url_standard')) {
    return problem(check, `compatibility_date is before ${firstDate}, and tokenkeep does not run; set a recent day`);
  }
  if (date < soundDate) {
    return warning(
      check,
      `compatibility_date is before ${soundDate}: requests can hang on each other; set a recent day`,
    );
  }
  return ok(check, 'compatibility_date is recent enough');
}
