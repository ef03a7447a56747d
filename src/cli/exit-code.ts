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
  interrupted: 130,
} as const;

/** What each code means, for the help. */
export const exitCodeTexts: readonly (readonly [code: number, meaning: string])[] = [
  [exitCode.done, 'done: every row is in the target (or would be)'],
  [exitCode.unforeseen, 'a failure that nobody foresaw'],
  [exitCode.usage, 'the command line cannot be read'],
  [exitCode.skipped, 'done, but rows were skipped; the report names them'],
  [exitCode.setting, "a setting is missing or wrong, or the source is no store of Zoho's"],
  [exitCode.storage, 'the source or the target failed; run the same command again'],
  [exitCode.mismatch, 'what was written does not read back as it was'],
  [exitCode.interrupted, 'interrupted; run the same command again to go on'],
];

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
