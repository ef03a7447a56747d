import type { SavedToken } from './oauth-token.ts';

/**
 * What came of asking for an access token:
 *
 * - `fresh`: the stored one will do.
 * - `cached`: one that was read a short while ago will do.
 * - `kept`: it should be renewed and still works; somebody else renews it, or the server asked to wait.
 * - `refreshed`: this caller renewed it.
 * - `joined`: somebody else was renewing it, and this caller waited for that.
 * - `adopted`: this caller renewed it, or tried to, but somebody else had stored a newer one by then.
 */
export type AccessOutcome = 'fresh' | 'cached' | 'kept' | 'refreshed' | 'joined' | 'adopted';

/** An access token to use now, without what could renew it. */
export interface AccessToken
  extends Pick<
    SavedToken,
    | 'id'
    | 'revision'
    | 'userName'
    | 'issuer'
    | 'clientId'
    | 'obtainedAt'
    | 'expiresAt'
    | 'apiDomain'
    | 'scope'
    | 'resource'
    | 'reauthRequired'
  > {
  readonly accessToken: string;
  /** How to present it (RFC 6749 §7.1). `Bearer` when the server did not say. */
  readonly tokenType: string;
  readonly outcome: AccessOutcome;
}
