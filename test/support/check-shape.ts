import { posix } from 'node:path';
import { codeOf } from './code-of.ts';
import type { SourceFile } from './source-file.ts';

const linesPerFile = 250;
const codeLinesPerBackend = 80;
/** Words that say that nobody knew what the file is for. */
const emptyWords = /^(utils?|helpers?|managers?|misc|common|shared|stuff|lib)$/;
const declaration =
  /^export (?:declare )?(?:async )?(?:abstract )?(function\*?|class|const|let|interface|type) (\w+)/gm;
const reExport = /export (?:type )?\{[^}]*\} from '[^']+';/g;

/** Checks the size, the name and the form of each file. Each violation is a sentence; none is an empty array. */
export function checkShape(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => rules.flatMap((rule) => rule(file) ?? []).map((reason) => `${file.path} ${reason}`));
}

const rules: readonly ((file: SourceFile) => string | undefined)[] = [
  ({ text }) => {
    const lines = text.trimEnd().split('\n').length;
    return lines > linesPerFile ? `has ${lines} lines; split it at ${linesPerFile}` : undefined;
  },
  ({ path, text }) => {
    const lines = codeOf(text)
      .split('\n')
      .filter((line) => line.trim() !== '').length;
    const backend = path.startsWith('src/backends/') && path.endsWith('-backend.ts');
    return backend && lines > codeLinesPerBackend
      ? `has ${lines} lines of code; a backend has ${codeLinesPerBackend}`
      : undefined;
  },
  ({ path, text }) => {
    const word = [...wordsOf(path), ...exportsOf(text).flatMap(wordsOf)].find((part) => emptyWords.test(part));
    return word ? `uses the word ${word}, which does not say what it is for` : undefined;
  },
  ({ path, text }) => {
    if (!path.startsWith('src/') || isIndex(path)) return undefined;
    return isNamedAfterExport(path, text) ? undefined : 'is not named after what it exports';
  },
  ({ path, text }) => {
    if (!path.startsWith('src/') || !isIndex(path)) return undefined;
    return codeOf(text).replace(reExport, '').trim() === '' ? undefined : 'does more than re-export by name';
  },
  ({ path, text }) =>
    path.startsWith('src/') && /\bconsole\s*[.[]/.test(codeOf(text)) ? 'writes to the console' : undefined,
];

function isIndex(path: string): boolean {
  return posix.basename(path) === 'index.ts';
}

function exportsOf(text: string): string[] {
  return [...codeOf(text).matchAll(declaration)].map((match) => match[2] as string);
}

/** The words of a path (without the folders of the layout) or of a name, in lower case. */
function wordsOf(name: string): string[] {
  return posix
    .basename(name, '.ts')
    .replace(/([a-z0-9])(?=[A-Z])/g, '$1-')
    .toLowerCase()
    .split(/[-._]/);
}

/**
 * Whether a file with one function, class or constant has a name whose words all occur in the name of that export, or
 * in that of a type. A file with several belongs together by a thing: it shares a word with one of them.
 */
function isNamedAfterExport(path: string, text: string): boolean {
  const base = posix.basename(path, '.ts');
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(base)) return false;
  const words = wordsOf(base);
  const names = exportsOf(text);
  const values = [...codeOf(text).matchAll(declaration)].filter(([, kind]) => kind !== 'interface' && kind !== 'type');
  if (names.some((name) => words.every((word) => name.toLowerCase().includes(word)))) return true;
  return values.length > 1 && names.flatMap(wordsOf).some((word) => words.some((own) => own.startsWith(word)));
}
