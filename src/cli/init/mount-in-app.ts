/** A statement that imports, or the end of one over several lines. */
const importing = /^(?:import\b.*|\} from )(['"])[^'"\n]+\1(;?)[ \t]*\r?$/gm;
const relativeImport = /from ['"]\.\.?\/[^'"\n]*?(\.[cm]?[jt]s)?['"]/;

/** How the lines are written that lead to the module of `init`. */
export interface MountLines {
  readonly import: string;
  readonly route: string;
  readonly export: string;
}

/** The lines to add to an app, in the manner of the file. */
export function mountLines(text: string, app: string, extension: string): MountLines {
  const [, quote = "'", end = ';'] = [...text.matchAll(importing)].at(0) ?? [];
  const [found, written = ''] = relativeImport.exec(text) ?? [];
  const path = `./tokenkeep${found === undefined ? extension : written}`;
  return {
    import: `import { tokenkeepRoutes, tokenkeepScheduled } from ${quote}${path}${quote}${end}`,
    route: `${app}.route(${quote}/${quote}, tokenkeepRoutes)${end}`,
    export: `export default Object.assign(${app}, { scheduled: tokenkeepScheduled })${end}`,
  };
}

/**
 * Mounts the routes in the module of an app, where there is no doubt how: it has one `new Hono`, exports that very app, and
 * neither catches all addresses nor has routes beneath /auth. The routes come last, so that those of the app come first.
 *
 * @param extension what a relative import ends in, where the file has none to go by.
 * @returns `undefined` where there is doubt.
 */
export function mountInApp(text: string, extension: string): string | undefined {
  const [made, ...more] = text.matchAll(/\bnew Hono\b/g);
  const [exported, ...others] = text.matchAll(/\bexport default\b/g);
  if (made === undefined || exported === undefined || more.length > 0 || others.length > 0) return undefined;
  const [, app] = /^(?:export )?const (\w+) = new Hono\b/m.exec(text) ?? [];
  const last = new RegExp(`^export default ${app};?[ \\t]*(?=\\r?$)`, 'm').exec(text);
  const before = [...text.matchAll(importing)].at(-1);
  if (app === undefined || last === null || before === undefined) return undefined;
  if (made.index > last.index || before.index > made.index || hasDoubt.test(text)) return undefined;
  const lines = mountLines(text, app, extension);
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const imports = before.index + before[0].replace(/\r$/, '').length;
  return [
    `${text.slice(0, imports)}${end}${lines.import}${text.slice(imports, last.index)}`,
    `${lines.route}${end}${end}${lines.export}${text.slice(last.index + last[0].length)}`,
  ].join('');
}

/** Another base path, a route that takes whatever comes, or routes where ours are to be. */
const hasDoubt = /\.basePath\(|\.(?:get|all|on|mount)\([^)\n]*?['"`]\/?\*['"`]|['"`]\/auth\b/;
