import type { AccessToken } from '../core/access-token.ts';
import type { SavedToken } from '../core/oauth-token.ts';
import type { Freshness } from './freshness.ts';
import type { RenewalContext } from './renew-token.ts';
import type { TokenSourceOptions } from './token-source.ts';

/** What the parts of one source share: its options with their defaults, and what was made of them. */
export interface SourceContext extends RenewalContext, Pick<TokenSourceOptions, 'query' | 'signals'> {
  readonly role: TokenSourceOptions['role'];
  readonly waitMs: number;
  /** How fresh a token is now. */
  readonly freshnessOf: (token: SavedToken | AccessToken) => Freshness;
}
