import type { OAuthToken } from '../core/oauth-token.ts';
import type { TokenClient } from './oauth-client.ts';

/** Whether a token came from this server, for this client: only there can it be renewed and revoked. */
export function isOwnToken(
  { provider, clientId }: Pick<TokenClient, 'provider' | 'clientId'>,
  token: Pick<OAuthToken, 'issuer' | 'clientId'>,
): boolean {
  return (token.issuer ?? provider.issuer) === provider.issuer && (token.clientId ?? clientId) === clientId;
}
