import type { ReauthReason } from './oauth-token.ts';

/**
 * Every code a {@link TokenkeepError} can carry. Codes are stable: they never change their meaning.
 *
 * | code | meaning |
 * | --- | --- |
 * | `E_INPUT` | a value handed in cannot be stored; nothing was written |
 * | `E_QUERY` | the query has no usable key; the message says which field to add |
 * | `E_AMBIGUOUS` | more than one token matches; the message says which field to add |
 * | `E_CONFLICT` | somebody else wrote first, or what was read is older than what was asked for; read again |
 * | `E_FORMAT`, `E_VERSION` | the stored bytes are not a sealed record, or one of an unknown version |
 * | `E_AUTH` | the stored bytes were altered, moved or sealed under another key |
 * | `E_INDEX_MISMATCH` | a lookup led to a record that does not hold the value asked for: the index was altered |
 * | `E_KEY_UNKNOWN`, `E_KEY_DISABLED` | the key that sealed the record is not in the keyring, or is disabled |
 * | `E_KEYRING` | the keyring setting is missing or malformed |
 * | `E_LOCKED` | the vault is locked, or was locked before the work was done; unlock it and repeat |
 * | `E_PASSPHRASE` | the passphrase or the recovery code is not the one that was set |
 * | `E_PASSKEY` | the vault has no passkey, or the one that answered is not one of its own |
 * | `E_PRF` | the authenticator or the browser cannot derive a key from a passkey (WebAuthn PRF); use another way |
 * | `E_CANCELLED` | the user cancelled, did not answer in time, or has no fitting passkey here: browsers do not tell these apart |
 * | `E_NO_ROOT` | the key is lost for good while the data is still there: reset the vault and sign in again |
 * | `E_EVICTED` | the browser deleted both the key and the data: create the vault anew and sign in again |
 * | `E_STORAGE` | the database failed or the connection was lost; the previous record is intact |
 * | `E_QUOTA` | the database is full; the previous record is intact |
 * | `E_UNSUPPORTED` | the backend or the runtime cannot do this; see `capabilities` |
 * | `E_CONFIG` | a setting is missing or wrong; the message names it |
 * | `E_CALLBACK` | the callback does not belong to a sign-in that is under way, or the server refused it |
 * | `E_OAUTH` | the authorization server answered with an error; see {@link TokenkeepError.oauthError} |
 * | `E_NETWORK` | the authorization server could not be reached or did not answer in time |
 * | `E_REAUTH` | there is no token, or it can no longer be renewed: the user has to sign in; see {@link TokenkeepError.reason} |
 * | `E_TIMEOUT` | another caller is renewing the token and did not finish in time; try again |
 * | `E_UNAVAILABLE` | the token could not be renewed now; try again after {@link TokenkeepError.retryAfterMs} |
 */
export type ErrorCode =
  | 'E_INPUT'
  | 'E_QUERY'
  | 'E_AMBIGUOUS'
  | 'E_CONFLICT'
  | 'E_FORMAT'
  | 'E_VERSION'
  | 'E_AUTH'
  | 'E_INDEX_MISMATCH'
  | 'E_KEY_UNKNOWN'
  | 'E_KEY_DISABLED'
  | 'E_KEYRING'
  | 'E_LOCKED'
  | 'E_PASSPHRASE'
  | 'E_PASSKEY'
  | 'E_PRF'
  | 'E_CANCELLED'
  | 'E_NO_ROOT'
  | 'E_EVICTED'
  | 'E_STORAGE'
  | 'E_QUOTA'
  | 'E_UNSUPPORTED'
  | 'E_CONFIG'
  | 'E_CALLBACK'
  | 'E_OAUTH'
  | 'E_NETWORK'
  | 'E_REAUTH'
  | 'E_TIMEOUT'
  | 'E_UNAVAILABLE';

/** What an authorization server said, reduced to what may be logged. */
export interface ErrorDetail {
  /** The registered error code of RFC 6749 §5.2 and its extensions, such as `invalid_grant`; never free text of a server. */
  readonly oauthError?: string;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /**
   * Whether the authorization server may have acted although no usable answer came: after a lost connection, a time-out, an
   * answer of a gateway. Absent where that is not known.
   */
  readonly inDoubt?: boolean;
  /** Of an `E_REAUTH`: why the user has to sign in. Absent when there simply is no token. */
  readonly reason?: ReauthReason;
}

/**
 * The one error that tokenkeep throws. Switch on {@link TokenkeepError.code}: `instanceof` can fail across two copies
 * of the package. The message says what to do next and never holds a token, a key, a user name or a URL query.
 * There is no `cause`: errors of libraries and databases can carry the very values that must not reach a log.
 */
export class TokenkeepError extends Error {
  override readonly name = 'TokenkeepError';
  readonly code: ErrorCode;
  // declared only: a field that nobody set is not printed
  declare readonly oauthError?: string;
  declare readonly retryAfterMs?: number;
  declare readonly inDoubt?: boolean;
  declare readonly reason?: ReauthReason;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message);
    this.code = code;
    const { oauthError, retryAfterMs, inDoubt, reason } = detail;
    if (oauthError !== undefined) this.oauthError = oauthError;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
    if (inDoubt !== undefined) this.inDoubt = inDoubt;
    if (reason !== undefined) this.reason = reason;
  }
}
