import type { OAuthToken, TokenChange } from './oauth-token.ts';

const names = ['userName', 'issuer', 'clientId', 'resource'] as const;

/** Whether a change names another user, issuer, client or resource than the stored token, where both name one. */
export function isAnothers(change: TokenChange, stored: OAuthToken): boolean {
  return names.some((name) => change[name] && stored[name] !== undefined && change[name] !== stored[name]);
}
