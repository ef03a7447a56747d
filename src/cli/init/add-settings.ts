import { applyEdits, type FormattingOptions, modify } from 'jsonc-parser';
import { type Table, tablesOf } from '../project/table.ts';
import { parseSettings } from '../project/wrangler-file.ts';
import type { Addition } from './addition.ts';
import { holdsAll } from './holds-all.ts';

/**
 * Adds settings to the text of a configuration. Comments, order and layout stay.
 *
 * @returns `undefined` where that cannot be done, such as in a table that TOML writes on one line: the new text is read
 * again, and has to hold all that was there and what was added.
 */
export function addSettings(text: string, format: 'toml' | 'json', addition: Addition): string | undefined {
  const before = parseSettings(text, format);
  if ('line' in before) return undefined;
  const add = format === 'toml' ? addToToml : addToJson;
  const added = attempt(() => add(text, before.values, addition));
  if (added === undefined) return undefined;
  const after = parseSettings(added, format);
  return !('line' in after) && holdsAll(after.values, before.values) && isIn(after.values, addition)
    ? added
    : undefined;
}

/** jsonc-parser throws where a table is to be that is none. */
function attempt(work: () => string): string | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function isIn(settings: Table, { table, isListed, values }: Addition): boolean {
  return holdsAll(isListed ? tablesOf(settings[table]).at(-1) : settings[table], values);
}

function addToToml(text: string, settings: Table, { table, isListed, values, comments }: Addition): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const above = comments.map((comment) => `# ${comment}`);
  // texts and lists of texts are written as in JSON
  const lines = Object.entries(values).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  if (!isListed && Object.hasOwn(settings, table)) {
    const header = new RegExp(`^[ \\t]*\\[[ \\t]*${table}[ \\t]*\\][ \\t]*(#[^\\r\\n]*)?(?=\\r?$)`, 'm');
    return text.replace(header, (line) => [line, ...above, ...lines].join(end));
  }
  const start = text === '' || text.endsWith('\n') ? text : text + end;
  const title = isListed ? `[[${table}]]` : `[${table}]`;
  return `${start}${[...(text === '' ? [] : ['']), ...above, title, ...lines, ''].join(end)}`;
}

function addToJson(text: string, settings: Table, { table, isListed, values }: Addition): string {
  const formattingOptions = layoutOf(text);
  if (isListed) {
    const present = settings[table];
    const list = Array.isArray(present);
    const path = list ? [table, present.length] : [table];
    const edits = modify(text, path, list ? values : [values], { formattingOptions, isArrayInsertion: list });
    return applyEdits(text, edits);
  }
  return Object.entries(values).reduce(
    (so, [name, value]) => applyEdits(so, modify(so, [table, name], value, { formattingOptions })),
    text,
  );
}

function layoutOf(text: string): FormattingOptions {
  const [, indent = '  '] = /\n([ \t]+)\S/.exec(text) ?? [];
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.startsWith('\t') ? 1 : indent.length, eol };
}
