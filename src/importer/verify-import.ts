import type { OAuthToken, SavedToken, TokenQuery } from '../core/oauth-token.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import type { ImportTarget } from './import-target.ts';
import type { ImportOptions, WrittenToken } from './run-import.ts';

/** What reading it all again has shown. */
export interface VerificationReport {
  /** How many tokens were found by their id and by their user, with every field as it was written. */
  readonly verified: number;
  /** How many somebody else has saved since. */
  readonly overtaken: number;
  /** The rows whose tokens are not there, or are not what was written. */
  readonly mismatches: readonly number[];
}

/**
 * Reads everything that an import wrote once more, by id and by user, and compares every field.
 *
 * @param target the same target through a store of its own.
 * @throws what the target throws; a record that does not open is a mismatch.
 */
export async function verifyImport(
  written: readonly WrittenToken[],
  target: ImportTarget,
  { onProgress = () => undefined }: Pick<ImportOptions, 'onProgress'> = {},
): Promise<VerificationReport> {
  const mismatches: number[] = [];
  let verified = 0;
  let overtaken = 0;
  for (const [i, one] of written.entries()) {
    const state = await stateOf(one, target).catch(mismatchIfDamaged);
    if (state === 'verified') verified++;
    else if (state === 'overtaken') overtaken++;
    else mismatches.push(one.planned.row);
    onProgress(i + 1, written.length);
  }
  return { verified, overtaken, mismatches };
}

type State = 'verified' | 'overtaken' | 'mismatch';

async function stateOf({ planned, saved }: WrittenToken, target: ImportTarget): Promise<State> {
  const byId = await target.findTokenById(saved.id);
  if (byId !== undefined && byId.revision > saved.revision) return 'overtaken';
  const found = await target.findTokens(queryOf(saved));
  const isFound = found.some(({ id, revision }) => id === saved.id && revision >= saved.revision);
  return byId !== undefined && isFound && holds(byId, planned.token) ? 'verified' : 'mismatch';
}

function queryOf({ userName, refreshToken, grantToken, accessToken }: SavedToken): TokenQuery {
  if (userName !== undefined) return { userName };
  if (refreshToken !== undefined) return { refreshToken };
  return grantToken === undefined ? { accessToken: accessToken as string } : { grantToken };
}

function holds(stored: SavedToken, { id: _, ...token }: OAuthToken): boolean {
  return (Object.keys(token) as (keyof typeof token)[]).every((field) => stored[field] === token[field]);
}

function mismatchIfDamaged(error: unknown): State {
  if (error instanceof TokenkeepError && damaged.has(error.code)) return 'mismatch';
  throw error;
}

const damaged: ReadonlySet<string> = new Set(['E_AUTH', 'E_FORMAT', 'E_INDEX_MISMATCH']);
