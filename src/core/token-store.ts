import type { SavedToken, TokenChange, TokenQuery } from './oauth-token.ts';
import type { BackendCapabilities, ClaimOutcome, ClaimRelease, ClaimRequest, ClaimState } from './record-backend.ts';

/**
 * Keeps tokens between calls, so that users do not sign in again: the six methods of the Zoho CRM SDKs' `TokenStore`.
 *
 * All methods may be called concurrently, from any number of tabs, isolates and processes. A miss is `undefined`, an
 * empty store is `[]`, and deleting what is not there succeeds. A failure is always a {@link TokenkeepError}.
 */
export interface TokenStore {
  /**
   * Finds the one token that matches. The first of these that the query carries decides:
   *
   * 1. `id`;
   * 2. `userName`, together with `issuer`, `clientId` and `resource` when they are given; with issuer and client a query
   *    without a resource means the token without one;
   * 3. `accessToken`, when the query has neither `clientId` nor `clientSecret`;
   * 4. `grantToken`;
   * 5. `refreshToken`;
   * 6. `accessToken` of that client.
   *
   * @throws `E_QUERY` when the query carries none of them, and never "anybody's first token".
   * @throws `E_AMBIGUOUS` when more than one token matches; the message names the field to add.
   */
  findToken(query: TokenQuery): Promise<SavedToken | undefined>;

  /** Finds a token by its id. */
  findTokenById(id: string): Promise<SavedToken | undefined>;

  /**
   * Saves a token: updates the one that matches (by the rules of {@link TokenStore.findToken}) or creates a new one.
   * Fields that the new token does not carry are kept; `null` clears one. Only a token of another user, issuer or client,
   * saved by the id of a record, replaces all of it. Concurrent first saves of one user leave one record.
   *
   * @returns the token as it is stored now, with its id and revision.
   * @throws `E_CONFLICT` when the token carries a revision that is no longer the stored one, or a refresh token that has
   * been replaced since: a late writer never restores an older token. (One that carries neither id nor user name, and of
   * whose tokens none is stored any more, matches no record and makes a new one.)
   * @throws `E_INPUT` when a value cannot be stored. Nothing is written then.
   */
  saveToken(token: TokenChange): Promise<SavedToken>;

  /** Deletes the token with this id, if there is one. */
  deleteToken(id: string): Promise<void>;

  /** All tokens of this store, in no particular order. */
  getTokens(): Promise<readonly SavedToken[]>;

  /** Deletes all tokens of this store, and of no other. */
  deleteTokens(): Promise<void>;
}

/** What {@link ClaimableTokenStore.saveToken} can be told. */
export interface SaveOptions {
  /** Ends this owner's claim with the write, in the same atomic operation. */
  readonly claimOwner?: string;
  /**
   * Whether a record of this very user, issuer and client that does not open any more (`E_AUTH`, `E_FORMAT`) gives way to
   * the new token. For a sign-in that was just completed: without it, one damaged record would lock its user out.
   * Default `false`, and the save rejects with that error.
   */
  readonly replaceDamaged?: boolean;
  /**
   * Whether a grant token that comes together with the refresh token it was exchanged for is kept: for clients that look a
   * token up by a grant which they have long spent, as the Zoho SDKs do. Default `false`.
   */
  readonly keepGrant?: boolean;
}

/** A token, and who is about to renew it. */
export interface ClaimableToken {
  readonly token: SavedToken;
  readonly claim: ClaimState;
}

/** A store whose tokens can be claimed, so that exactly one caller renews one. */
export interface ClaimableTokenStore extends TokenStore {
  /** What the backend promises; claims need `compareAndSet`. */
  readonly capabilities: BackendCapabilities;

  saveToken(token: TokenChange, options?: SaveOptions): Promise<SavedToken>;

  /** {@link TokenStore.findToken}, with the claim as the same read saw it. */
  findClaimable(query: TokenQuery): Promise<ClaimableToken | undefined>;

  /**
   * Claims the right to renew the token, as it was read: refused when it has been saved since.
   *
   * @throws `E_UNSUPPORTED` when the backend has no compare-and-set.
   */
  claimToken(token: SavedToken, request: Omit<ClaimRequest, 'revision'>): Promise<ClaimOutcome>;

  /** Gives a claim back without a write. */
  releaseToken(id: string, release: ClaimRelease): Promise<void>;
}
