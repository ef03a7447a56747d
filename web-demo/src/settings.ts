/** What the worker tells its page (`GET /demo/settings`), so that the page can sign in by itself as well. */
export interface Settings {
  /** The authorization server. */
  readonly issuer: string;
  /** The page's own client id there. */
  readonly pageClientId: string;
  /** The protected API's address. */
  readonly apiOrigin: string;
  /** Where the worker keeps tokens. */
  readonly backend: 'd1' | 'kv' | 'd1+kv';
}
