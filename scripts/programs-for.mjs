/** @typedef {import('./find-programs.mjs').Program} Program */

/** @type {{ [project: string]: readonly Program[] }} */
const programs = {
  node: [],
  workerd: [],
  chromium: ['chromium'],
  firefox: ['firefox'],
  webkit: ['webkitDriver', 'xvfb'],
  mysql: ['mariadb', 'mariadbInstall', 'mariadbDefaults'],
  e2e: ['chromium'],
};

/**
 * Which programs a vitest run needs, judged by its `--project` arguments: all of them when it has none, or patterns
 * instead of names.
 *
 * @param {readonly string[]} args
 * @returns {Program[]}
 */
export function programsFor(args) {
  const chosen = args.flatMap((arg, i) =>
    arg === '--project' ? [args[i + 1] ?? ''] : arg.startsWith('--project=') ? [arg.slice('--project='.length)] : [],
  );
  const known = chosen.length > 0 && chosen.every((name) => name in programs);
  return [...new Set((known ? chosen : Object.keys(programs)).flatMap((name) => programs[name] ?? []))];
}
