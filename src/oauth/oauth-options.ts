/** What every verb takes besides its arguments. */
export interface OAuthOptions {
  /** Default: the global `fetch`, read at the time of the call. */
  readonly fetch?: typeof globalThis.fetch;
  /** The clock, in epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number;
  /** Ends the call with `E_NETWORK`. A refresh that was ended may have happened at the server all the same. */
  readonly signal?: AbortSignal;
  /**
   * How long one request may take, its answer included, in milliseconds. `Infinity` leaves that to the signal.
   * Default: 10 000.
   */
  readonly timeoutMs?: number;
}
