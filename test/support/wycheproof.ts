import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** What tests import: `import files from 'virtual:wycheproof'`. */
const id = 'virtual:wycheproof';

/**
 * Brings the Wycheproof vectors into every runtime, browsers and workerd included, without a copy in this repository:
 * `virtual:wycheproof` is a map from file name to the file's text, read from `../shared/vectors/` beside the checkout.
 * Where that folder is absent the map is empty, and tests skip with a notice.
 */
export function wycheproof(
  folder: string = resolve(import.meta.dirname, '../../../shared/vectors/wycheproof'),
): Plugin {
  return {
    name: 'wycheproof',
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load(resolved) {
      if (resolved !== `\0${id}`) return null;
      const names = existsSync(folder) ? readdirSync(folder).filter((name) => /\.(json|md)$/.test(name)) : [];
      const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
      // Parsing one string literal is far quicker for an engine than parsing the same data as source.
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(files))});`;
    },
  };
}
