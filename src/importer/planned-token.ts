import type { OAuthToken } from '../core/oauth-token.ts';

/** A token to import. */
export interface PlannedToken {
  readonly row: number;
  /** With the id it had, where that is its alone. */
  readonly token: OAuthToken;
  /** What was done otherwise than the row has it, as ends of a sentence. */
  readonly notes: readonly string[];
  /** Further rows of the same user, merged into this one. */
  readonly others: readonly number[];
}
