import type { SavedToken, TokenChange, TokenQuery } from '../core/oauth-token.ts';
import type { SaveOptions, TokenStore } from '../core/token-store.ts';
import type { TokenkeepError } from '../core/tokenkeep-error.ts';

/** The part of a token store that an import needs. */
export interface ImportTarget extends Pick<TokenStore, 'findTokenById'> {
  /** All tokens that match. */
  findTokens(query: TokenQuery): Promise<readonly SavedToken[]>;
  saveToken(token: TokenChange, options?: SaveOptions): Promise<SavedToken>;
  /** All tokens; those that do not open are told of. */
  tokens(options: {
    readonly limit: number;
    readonly onCorrupt: (error: TokenkeepError) => void;
  }): AsyncIterable<SavedToken>;
}
