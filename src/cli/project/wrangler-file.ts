import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type ParseError, parse as parseJsonc } from 'jsonc-parser';
import { parse as parseToml, TomlError } from 'smol-toml';
import { readText } from './read-text.ts';
import { type Table, tableOf } from './table.ts';

/** The configuration of wrangler, as it was found. */
export type WranglerFile =
  | {
      readonly state: 'found';
      readonly path: string;
      readonly format: 'toml' | 'json';
      readonly text: string;
      readonly values: Table;
    }
  | { readonly state: 'absent' }
  | {
      readonly state: 'broken';
      readonly path: string;
      /** The line at which it cannot be read, from 1; absent when the file itself cannot be read. */
      readonly line?: number;
    };

/** In the order in which wrangler looks for them. */
const names = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml'] as const;

/** Where the configuration is: in this folder or, like wrangler looks for it, in one above it, kind by kind. */
export function findWranglerFile(folder: string): string | undefined {
  for (const name of names) {
    for (let place = folder; ; place = dirname(place)) {
      const path = join(place, name);
      if (existsSync(path)) return path;
      if (dirname(place) === place) break;
    }
  }
  return undefined;
}

/** The configuration of this very folder. */
export function wranglerFileIn(folder: string): string | undefined {
  return names.map((name) => join(folder, name)).find((path) => existsSync(path));
}

/** Reads a configuration, by the kind that its name tells. */
export function readWranglerFile(path: string | undefined): WranglerFile {
  const read = path === undefined ? undefined : readText(path);
  if (path === undefined || read === undefined) return { state: 'absent' };
  if (read === 'unreadable') return { state: 'broken', path };
  const format = /\.jsonc?$/.test(basename(path)) ? 'json' : 'toml';
  const values = parseSettings(read.text, format);
  if ('line' in values) return { state: 'broken', path, line: values.line };
  return { state: 'found', path, format, text: read.text, values: values.values };
}

/** Reads the text of a configuration. The messages of the parsers quote it, and are dropped. */
export function parseSettings(
  text: string,
  format: 'toml' | 'json',
): { readonly values: Table } | { readonly line: number } {
  try {
    if (format === 'toml') return { values: parseToml(text) };
    const errors: ParseError[] = [];
    const values: unknown = parseJsonc(text, errors, { allowTrailingComma: true });
    const [first] = errors;
    if (first !== undefined) return { line: text.slice(0, first.offset).split('\n').length };
    return values === tableOf(values) ? { values: tableOf(values) } : { line: 1 };
  } catch (error) {
    // the other one is that of a stack which nesting without end has filled
    return { line: error instanceof TomlError ? error.line : 1 };
  }
}
