// What a tab of the storm loads to renew without the library's source.

import type { AccessToken } from '../../src/core/access-token.ts';
import type { SavedToken } from '../../src/core/oauth-token.ts';
import { TokenkeepError } from '../../src/core/tokenkeep-error.ts';
import type { TabApplication } from '../../test/browser/page-tab.ts';

/**
 * Reads, renews what has expired, and writes: what a tab does that does not know of the others. A promise that all callers
 * of the tab share would change nothing here, where each tab has one caller.
 *
 * @returns the token, and how long the authorization server took, in milliseconds.
 */
export async function naive({ store }: TabApplication): Promise<AccessToken & { readonly callMs: number }> {
  const [token] = await store.getTokens();
  const { id, issuer = '', clientId = '', refreshToken = '' } = token as SavedToken;
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId });
  const start = performance.now();
  const response = await fetch(`${issuer}/token`, { method: 'POST', body });
  const answer = await response.json();
  const callMs = performance.now() - start;
  if (!response.ok) throw new TokenkeepError('E_OAUTH', 'the server refused', { oauthError: answer.error });
  const { access_token: accessToken, refresh_token: renewed, expires_in: seconds } = answer;
  const expiresAt = Date.now() + seconds * 1000;
  const { revision } = await store.saveToken({ id, accessToken, refreshToken: renewed, expiresAt });
  return { id, revision, accessToken, tokenType: 'Bearer', outcome: 'refreshed', callMs };
}
