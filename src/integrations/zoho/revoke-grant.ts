import type { OAuthToken } from '../../core/oauth-token.ts';
import { TokenkeepError } from '../../core/tokenkeep-error.ts';
import type { TokenClient } from '../../oauth/oauth-client.ts';
import type { OAuthOptions } from '../../oauth/oauth-options.ts';
import { revoke } from '../../oauth/revoke.ts';

/**
 * Revokes a grant at Zoho. For a token that it does not know any more Zoho answers with HTTP 400 and no error that is
 * registered, where RFC 7009 §2.2 wants a success: there is nothing left to end.
 *
 * @returns whether Zoho still knew it.
 * @throws what {@link revoke} throws.
 */
export async function revokeGrant(client: TokenClient, token: OAuthToken, options: OAuthOptions): Promise<boolean> {
  const { fetch = globalThis.fetch } = options;
  let status = 0;
  const watching: typeof globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init);
    status = response.status;
    return response;
  };
  try {
    await revoke(client, token, { ...options, fetch: watching });
    return true;
  } catch (error) {
    if (!(error instanceof TokenkeepError) || error.code !== 'E_OAUTH') throw error;
    const { oauthError = '' } = error;
    const isUnknown = ['invalid_grant', 'invalid_token'].includes(oauthError);
    if (isUnknown || (status === 400 && oauthError === 'server_error')) return false;
    throw error;
  }
}
