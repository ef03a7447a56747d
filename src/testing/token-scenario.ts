import type { OAuthToken, SavedToken } from '../core/oauth-token.ts';
import type { ClaimableTokenStore, TokenStore } from '../core/token-store.ts';

/** What a case of the token contract works with. */
export interface TokenScenario {
  /** An empty store. */
  readonly store: TokenStore;
  /** A second empty store, which must have nothing to do with the first. */
  readonly other: TokenStore;
  /** Whether the store can keep its promises about callers who meet: those on a backend without compare-and-set cannot. */
  readonly settlesRaces: boolean;
}

/** The cases of one theme: the promise as a sentence, and what checks it. */
export type TokenCases = Readonly<Record<string, (scenario: TokenScenario) => Promise<void>>>;

/** A scenario over two stores. */
export function tokenScenario(store: TokenStore, other: TokenStore): TokenScenario {
  const { capabilities } = store as Partial<ClaimableTokenStore>;
  return { store, other, settlesRaces: capabilities?.compareAndSet ?? true };
}

/** A token with every field but a grant token, all of them this user's own. */
export function userToken(userName: string): OAuthToken {
  return {
    userName,
    issuer: 'https://issuer.example',
    clientId: 'client',
    clientSecret: `secret of ${userName}`,
    redirectUrl: 'https://app.example/callback',
    accessToken: `access token of ${userName}`,
    refreshToken: `refresh token of ${userName}`,
    obtainedAt: 1_795_000_000_000,
    expiresAt: 4_102_444_800_000,
    keepFresh: true,
    apiDomain: 'https://api.example',
    scope: 'read write',
    tokenType: 'Bearer',
    idToken: `id token of ${userName}`,
    extras: { user: userName, nested: { list: [1, -0.5, true, null, 'text'] } },
  };
}

/** The ids of tokens, sorted. */
export function idsOf(tokens: readonly SavedToken[]): readonly string[] {
  return tokens.map(({ id }) => id).sort();
}
