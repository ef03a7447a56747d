import type { ErrorCode } from '../core/tokenkeep-error.ts';

/** What is the matter with a record that was left as it was, by the code of its error. */
export const codeTexts: { readonly [C in ErrorCode]?: string } = {
  E_AUTH: 'altered, moved, or sealed under another key of the same id',
  E_CONFLICT: 'another record has the same identity; the next save of that token settles it',
  E_FORMAT: 'no sealed record, or none of tokenkeep',
  E_INDEX_MISMATCH: 'found by other values than it holds: altered, or half restored',
  E_KEY_DISABLED: 'under a key that is disabled in this keyring',
  E_KEY_UNKNOWN: 'under a key that this keyring does not have',
  E_VERSION: 'written by a later version of tokenkeep',
};

/** Lines that count records by code. */
export function codeLines(counts: { readonly [C in ErrorCode]?: number }): readonly string[] {
  return Object.entries(counts)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([code, records]) =>
      `${String(records).padStart(8)}  ${code.padEnd(16)}  ${codeTexts[code as ErrorCode] ?? ''}`.trimEnd(),
    );
}
