/** A value that survives JSON unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * Why a token cannot be renewed any more:
 *
 * - `refused`: the authorization server no longer honours the refresh token.
 * - `interrupted`: a renewal was cut off before its answer came, and the server had replaced the refresh token.
 */
export type ReauthReason = 'refused' | 'interrupted';

/** The state of a token whose user has to sign in again. */
export interface ReauthRequired {
  readonly reason: ReauthReason;
  /** Since when, in epoch milliseconds. */
  readonly at: number;
}

/**
 * What an OAuth client knows about one grant: plain, read-only data. Absence is a missing field (or `undefined`), never
 * an empty string.
 */
export interface OAuthToken {
  /** Identifies the record. Random when the store chooses it, never reused, and stored in the clear: put no name in it. */
  readonly id?: string;
  /** Whose token this is: the user signature's name in the Zoho SDKs, usually the subject in OpenID Connect. */
  readonly userName?: string;
  /** The authorization server's issuer identifier (RFC 8414 §2). */
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly redirectUrl?: string;
  /** The authorization code, until it is exchanged. The store drops it when a refresh token arrives. */
  readonly grantToken?: string;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  /** When the access token was obtained, in epoch milliseconds of the clock that {@link OAuthToken.expiresAt} goes by. */
  readonly obtainedAt?: number;
  /** When the access token expires, in epoch milliseconds. Absent when the server did not say. */
  readonly expiresAt?: number;
  /** The API's base address as the authorization server gave it. */
  readonly apiDomain?: string;
  /** The granted scope as the server wrote it. */
  readonly scope?: string;
  /**
   * Which API the token is for (RFC 8707), where a client has tokens for several: part of the record's identity, so that
   * one user's tokens for two APIs are two records.
   */
  readonly resource?: string;
  /** How to present the access token (RFC 6749 §7.1), for example `Bearer`. */
  readonly tokenType?: string;
  /** The OpenID Connect ID token as received. */
  readonly idToken?: string;
  /** Whether scheduled work renews the access token before it expires, so that nobody waits for it. Default `false`. */
  readonly keepFresh?: boolean;
  /** Why and since when the user has to sign in again. A new token ends it. Absent while the token can be renewed. */
  readonly reauthRequired?: ReauthRequired;
  /** Whatever else the server sent and the application wants to keep. Saved as one field: a new value replaces the old. */
  readonly extras?: { readonly [key: string]: Json };
}

/** A token as the store keeps it. */
export interface SavedToken extends OAuthToken {
  readonly id: string;
  /**
   * Counts the writes of this record, from 1. Handed back to `saveToken`, it makes the save conditional: a writer whose
   * token is older than the stored one gets `E_CONFLICT`.
   */
  readonly revision: number;
}

/**
 * What to save. A missing (or `undefined`) field keeps what is stored; `null` clears the field. With a `revision` the
 * save succeeds only if the stored token still has it; with 0 only if there is none yet.
 */
export type TokenChange = { readonly [K in keyof OAuthToken]?: OAuthToken[K] | (K extends 'id' ? never : null) } & {
  readonly revision?: number;
};

/**
 * What is known of the token one is looking for. See {@link TokenStore.findToken} for which field decides. A `scope` is
 * a demand: a token that is known to have less of it, or of which nobody knows what it has, is not found.
 */
export type TokenQuery = Pick<
  OAuthToken,
  | 'id'
  | 'userName'
  | 'issuer'
  | 'clientId'
  | 'clientSecret'
  | 'accessToken'
  | 'grantToken'
  | 'refreshToken'
  | 'resource'
  | 'scope'
>;
