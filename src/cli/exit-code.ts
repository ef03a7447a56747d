import type { ErrorCode } from '../core/tokenkeep-error.ts';

/** How the program can end, for scripts. A code never changes its meaning. */
export const exitCode = {
  done: 0,
  unforeseen: 1,
  usage: 2,
  skipped: 3,
  setting: 4,
  storage: 5,
  mismatch: 6,
  findings: 7,
  needed: 8,
  byHand: 9,
  interrupted: 130,
} as const;

const texts: { readonly [Name in keyof typeof exitCode]: string } = {
  done: 'done',
  unforeseen: 'a failure that nobody foresaw',
  usage: 'the command line cannot be read',
  skipped: 'done, but rows or records were skipped; the report names or counts them',
  setting: 'a setting is missing or wrong, a key does not fit, or the place holds something else',
  storage: 'a file, a database or the network failed; run the same command again',
  mismatch: 'what was written does not read back as it was',
  findings: 'there is something wrong with what was looked at; the report says what',
  needed: 'refused: records still need the key',
  byHand: 'done, but something is left to be done by hand; the report says what',
  interrupted: 'interrupted; run the same command again to go on',
};

/**
 * What the codes mean, for the help of a command.
 *
 * @param names those that it can end with, beside the ones that every command has.
 */
export function exitCodeHelp(...names: readonly (keyof typeof exitCode)[]): string {
  const told = new Set<keyof typeof exitCode>(['done', 'unforeseen', 'usage', 'setting', ...names]);
  const lines = Object.entries(exitCode).flatMap(([name, code]) =>
    told.has(name as keyof typeof exitCode)
      ? [`  ${String(code).padEnd(5)}${texts[name as keyof typeof exitCode]}\n`]
      : [],
  );
  return `Exit codes:\n${lines.join('')}`;
}

const settings: ReadonlySet<ErrorCode> = new Set([
  'E_CONFIG',
  'E_INPUT',
  'E_KEYRING',
  'E_KEY_UNKNOWN',
  'E_KEY_DISABLED',
  'E_UNSUPPORTED',
  'E_VERSION',
]);

/** The code to end with after an error. */
export function exitCodeOf(code: ErrorCode): number {
  return settings.has(code) ? exitCode.setting : exitCode.storage;
}
