import { codeOf } from './code-of.ts';

/** Every way to name another module: `import … from`, `export … from`, `import '…'` and `import('…')`. */
const moduleName =
  /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|(?<!['"])\bimport\s*\(?\s*['"]([^'"]+)['"]/g;

/** The modules that a source text names, as it names them, types included. */
export function importsOf(text: string): string[] {
  return [...codeOf(text).matchAll(moduleName)].map((match) => (match[1] ?? match[2]) as string);
}
