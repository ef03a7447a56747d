import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { readText } from './read-text.ts';

/** The secrets and variables that `wrangler dev` reads from files. */
export interface LocalVariables {
  /** The file that is read, or that new ones go to, by its name beside the configuration. */
  readonly name: string;
  /** Whether it is there. */
  readonly state: 'found' | 'absent' | 'unreadable';
  /** Empty when it is not there. */
  readonly text: string;
  /** The values, also of the files that are read with it. */
  readonly values: ReadonlyMap<string, string>;
  /** Whether others than its owner may read it. */
  readonly isOpen: boolean;
}

/**
 * Reads what `wrangler dev` would read: `.dev.vars`, or the one of the environment instead; only where neither is there, the
 * `.env` files together.
 *
 * @param folder that of the configuration.
 */
export function readLocalVariables(folder: string, environment: string | undefined): LocalVariables {
  const suffix = environment === undefined ? [] : [`.${environment}`];
  const isThere = (name: string): boolean => readText(join(folder, name)) !== undefined;
  const devVars = [...suffix.map((end) => `.dev.vars${end}`), '.dev.vars'].find(isThere);
  if (devVars !== undefined) return merged(folder, [devVars]);
  const dotEnv = ['.env', '.env.local', ...suffix.flatMap((end) => [`.env${end}`, `.env${end}.local`])].filter(isThere);
  if (dotEnv.length === 0) return merged(folder, ['.dev.vars']);
  // a new .dev.vars would hide them, and .env itself is often committed: that one is for values that are no secrets
  return merged(folder, dotEnv.includes('.env.local') ? dotEnv : [...dotEnv, '.env.local']);
}

function merged(folder: string, names: readonly string[]): LocalVariables {
  const name = names.find((one) => one === '.env.local') ?? (names[0] as string);
  const values = new Map<string, string>();
  for (const one of names) {
    const read = readText(join(folder, one));
    if (typeof read !== 'object') continue;
    for (const [key, value] of Object.entries(parseEnv(read.text))) if (value !== undefined) values.set(key, value);
  }
  const read = readText(join(folder, name));
  const mode = statSync(join(folder, name), { throwIfNoEntry: false })?.mode ?? 0;
  return {
    name,
    state: read === undefined ? 'absent' : read === 'unreadable' ? read : 'found',
    text: typeof read === 'object' ? read.text : '',
    values,
    isOpen: process.platform !== 'win32' && (mode & 0o077) !== 0,
  };
}
