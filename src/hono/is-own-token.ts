import type { OAuthToken } from '../core/oauth-token.ts';
import type { EdgeServices } from './edge-services.ts';

/** Whether a token came from this server, for this client: only there can it be renewed and revoked. */
export function isOwnToken(
  { client }: Pick<EdgeServices, 'client'>,
  { issuer, clientId }: Pick<OAuthToken, 'issuer' | 'clientId'>,
): boolean {
  const { provider } = client;
  return (issuer ?? provider.issuer) === provider.issuer && (clientId ?? client.clientId) === client.clientId;
}
