import type { AccessToken } from './access-token.ts';
import type { TokenQuery } from './oauth-token.ts';

/**
 * Keeps access tokens for a short while, in front of a store that takes longer to ask. What it yields may be as old as it
 * says, so that a token revoked or signed out meanwhile is handed out for that long.
 */
export interface AccessTokenCache {
  /** What was written for this very query, unless it is too old; `undefined` also when the cache fails. */
  read(query: TokenQuery): Promise<AccessToken | undefined>;
  /**
   * Keeps the token. A failure is nobody's: the store has it.
   *
   * @param askedAt when the store was asked for it, in epoch milliseconds: its age counts from there.
   */
  write(query: TokenQuery, token: AccessToken, askedAt: number): Promise<void>;
  /** Drops what was written for this query, as soon as the cache can. */
  forget(query: TokenQuery): Promise<void>;
}
